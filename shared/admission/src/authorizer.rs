//! `authorizer` and `authorizer.requestResource`: what a policy may ask about the user's rights.

use vapwright_cel::value::Value;

use crate::request::Request;

/// Gives the authorizer variables their values.
pub(crate) fn bind<'i>(_request: &Request, _set: &mut impl FnMut(&str, Value<'i>)) {}
