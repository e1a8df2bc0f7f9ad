//! Environments: the libraries, variables and types an expression may use, by Kubernetes version.

use std::sync::Arc;

use crate::library::Library;
use crate::types::{ObjectType, Type};
use crate::version::KubernetesVersion;

/// What an expression may use.
#[derive(Clone, Debug)]
pub struct Environment {
    version: KubernetesVersion,
    libraries: Arc<[Library]>,
    variables: Vec<Variable>,
    objects: Vec<ObjectType>,
}

/// A name that the host gives a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The name, such as `object`.
    pub name: Arc<str>,
    /// Its declared type.
    pub r#type: Type,
}

impl Environment {
    /// The libraries that kube-apiserver of this version has for expressions it already stores.
    #[must_use]
    pub fn kubernetes(version: KubernetesVersion) -> Self {
        Self {
            version,
            libraries: crate::libs::kubernetes(version).into(),
            variables: Vec::new(),
            objects: Vec::new(),
        }
    }

    /// The same with a variable more. Variables have slots in the order of their declaration.
    #[must_use]
    pub fn with_variable(mut self, name: &str, r#type: Type) -> Self {
        self.variables.push(Variable {
            name: name.into(),
            r#type,
        });
        self
    }

    /// The same with a type more.
    #[must_use]
    pub fn with_object_type(mut self, object: ObjectType) -> Self {
        self.objects.push(object);
        self
    }

    /// The Kubernetes version.
    #[must_use]
    pub const fn version(&self) -> KubernetesVersion {
        self.version
    }

    /// The libraries.
    #[must_use]
    pub fn libraries(&self) -> &[Library] {
        &self.libraries
    }

    /// The variables, in the order of their slots.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The declared object types, the libraries' excluded.
    #[must_use]
    pub fn objects(&self) -> &[ObjectType] {
        &self.objects
    }
}
