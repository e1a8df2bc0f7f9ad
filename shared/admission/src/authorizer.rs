//! `authorizer` and `authorizer.requestResource`: what a policy may ask about the user's rights.

use std::sync::Arc;

use vapwright_cel::libs::authorizer::{
    AllowUser, Authorizer, ResourceTarget, User, authorizer_value, resource_value,
};
use vapwright_cel::value::Value;

use crate::request::{Request, Rights};

/// The one user of whom the case protocol's authorizer has an opinion: everything is allowed.
const ADMIN: &str = "admin";

/// The authorizer variables with their values.
pub(crate) fn variables(request: &Request) -> [(&'static str, Value<'static>); 2] {
    let user = User {
        name: request.user.name.clone(),
        uid: request.user.uid.clone(),
        groups: request.user.groups.clone(),
        extra: request.user.extra.clone(),
    };
    let authorizer: Arc<dyn Authorizer> = match &request.rights {
        Rights::Admin => Arc::new(AllowUser(ADMIN.to_owned())),
        Rights::Rbac(rbac) => rbac.clone(),
    };
    let target = ResourceTarget {
        group: request.resource.group.clone(),
        resource: request.resource.resource.clone(),
        subresource: request.subresource.clone(),
        namespace: request.namespace.clone(),
        name: request.name.clone(),
        ..ResourceTarget::default()
    };
    [
        (
            "authorizer",
            authorizer_value(user.clone(), authorizer.clone()),
        ),
        (
            "authorizer.requestResource",
            resource_value(user, authorizer, target),
        ),
    ]
}
