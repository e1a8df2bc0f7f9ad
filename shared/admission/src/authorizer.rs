//! `authorizer` and `authorizer.requestResource`: what a policy may ask about the user's rights.

use std::sync::Arc;

use vapwright_cel::libs::authorizer::{
    AllowUser, ResourceTarget, User, authorizer_value, resource_value,
};
use vapwright_cel::value::Value;

use crate::request::Request;

/// The one user who may do everything. Nobody else's rights are known here: the cluster's RBAC
/// is not part of a request, so that of others the authorizer has no opinion.
const ADMIN: &str = "admin";

/// Gives the authorizer variables their values.
pub(crate) fn bind<'i>(request: &Request, set: &mut impl FnMut(&str, Value<'i>)) {
    let user = User {
        name: request.user.name.clone(),
        uid: request.user.uid.clone(),
        groups: request.user.groups.clone(),
        extra: request.user.extra.clone(),
    };
    let authorizer = Arc::new(AllowUser(ADMIN.to_owned()));
    let target = ResourceTarget {
        group: request.resource.group.clone(),
        resource: request.resource.resource.clone(),
        subresource: request.subresource.clone(),
        namespace: request.namespace.clone(),
        name: request.name.clone(),
        ..ResourceTarget::default()
    };
    set(
        "authorizer",
        authorizer_value(user.clone(), authorizer.clone()),
    );
    set(
        "authorizer.requestResource",
        resource_value(user, authorizer, target),
    );
}
