//! An error in the place of a value: what cel-go leaves in an optional.

use std::any::Any;

use super::{Opaque, Value};
use crate::eval::EvalError;
use crate::types::Type;

/// cel-go reads an optional that comes from a variable or a branch of a conditional as a Go value
/// and makes a value of that again. For the values of Kubernetes' libraries that fails, and the
/// optional then holds an error: `optional.of('1').optMap(q, quantity(q)).value()`. Where the
/// error is read it is the outcome of the expression.
#[derive(Debug)]
pub struct Broken {
    message: String,
}

impl Broken {
    /// An error with cel-go's text.
    #[must_use]
    pub const fn new(message: String) -> Self {
        Self { message }
    }

    fn raised(&self) -> EvalError {
        EvalError::new(self.message.clone())
    }
}

impl Opaque for Broken {
    fn type_of(&self) -> Type {
        Type::object("error")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, _other: &dyn Opaque) -> Result<bool, EvalError> {
        Err(self.raised())
    }

    fn equals_other_types(&self) -> Result<bool, EvalError> {
        Err(self.raised())
    }

    fn to_text(&self) -> String {
        "no text".to_owned()
    }

    fn go_type(&self) -> &'static str {
        "*types.Err"
    }

    fn select(&self, _key: &Value<'_>) -> Option<EvalError> {
        Some(self.raised())
    }

    fn unwrapped(&self) -> Option<String> {
        Some(format!(
            "unsupported conversion to ref.Val: (*errors.errorString){}",
            self.message
        ))
    }

    fn error(&self) -> Option<EvalError> {
        Some(self.raised())
    }
}
