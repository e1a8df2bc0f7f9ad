//! Environments: the libraries, variables and types an expression may use, by Kubernetes version.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::library::{Constant, Function, Library, OpenType, Overload};
use crate::parse::macros::Macro;
use crate::types::{ObjectType, Type};
use crate::version::KubernetesVersion;

/// What an expression may use. It is cheap to make and to clone: the libraries of a version and
/// their indices are made once and shared.
#[derive(Clone, Debug)]
pub struct Environment {
    base: Arc<Base>,
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

const OLDEST: u16 = KubernetesVersion::OLDEST.compatibility().minor;
const SUPPORTED: usize = (KubernetesVersion::NEWEST.minor - OLDEST + 1) as usize;

/// The libraries of each version, made when they are first asked for.
type Bases = [OnceLock<Arc<Base>>; SUPPORTED];

impl Environment {
    /// The libraries that kube-apiserver of this version has for expressions it already stores, and
    /// that of the next version for new ones ([`KubernetesVersion::compatibility`]).
    #[must_use]
    pub fn kubernetes(version: KubernetesVersion) -> Self {
        static BASES: Bases = [const { OnceLock::new() }; SUPPORTED];
        let new = || Arc::new(Base::new(version, crate::libs::kubernetes(version)));
        Self::of_base(&BASES, version, new)
    }

    /// The same with what the expressions of mutations have besides.
    #[must_use]
    pub fn kubernetes_mutation(version: KubernetesVersion) -> Self {
        static BASES: Bases = [const { OnceLock::new() }; SUPPORTED];
        let new = || {
            let mut libraries = crate::libs::kubernetes(version);
            libraries.push(crate::libs::mutation::library(0));
            Arc::new(Base::new(version, libraries))
        };
        Self::of_base(&BASES, version, new)
    }

    fn of_base(bases: &Bases, version: KubernetesVersion, new: impl Fn() -> Arc<Base>) -> Self {
        let base = version
            .minor
            .checked_sub(OLDEST)
            .and_then(|index| bases.get(usize::from(index)))
            .map_or_else(&new, |base| Arc::clone(base.get_or_init(&new)));
        Self {
            base,
            variables: Vec::new(),
            objects: Vec::new(),
        }
    }

    /// The same with a library more. The indices are made anew, which takes a while.
    #[must_use]
    pub fn with_library(mut self, library: Library) -> Self {
        let mut libraries = self.base.libraries.clone();
        libraries.push(library);
        self.base = Arc::new(Base::new(self.base.version, libraries));
        self
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

    /// The same with a type more; it replaces an object type of the same name.
    #[must_use]
    pub fn with_object_type(mut self, object: ObjectType) -> Self {
        match self.objects.iter_mut().find(|o| o.name == object.name) {
            Some(place) => *place = object,
            None => self.objects.push(object),
        }
        self
    }

    /// The Kubernetes version.
    #[must_use]
    pub fn version(&self) -> KubernetesVersion {
        self.base.version
    }

    /// The libraries.
    #[must_use]
    pub fn libraries(&self) -> &[Library] {
        &self.base.libraries
    }

    /// The variables, in the order of their slots.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The slot and the declaration of a variable.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<(usize, &Variable)> {
        self.variables
            .iter()
            .enumerate()
            .find(|(_, variable)| &*variable.name == name)
    }

    /// The declared object types, the libraries' excluded.
    #[must_use]
    pub fn objects(&self) -> &[ObjectType] {
        &self.objects
    }

    /// An object type, declared or a library's.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&ObjectType> {
        self.objects
            .iter()
            .chain(self.libraries().iter().flat_map(|library| &library.objects))
            .find(|object| &*object.name == name)
    }

    /// A type that has fields of any name.
    #[must_use]
    pub fn open_type(&self, name: &str) -> Option<&OpenType> {
        self.libraries()
            .iter()
            .flat_map(|library| &library.open_types)
            .find(|open| open.is(name))
    }

    /// A function with the overloads of all libraries, in the order of their declaration.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.base.functions.get(name).map(|f| &f.function)
    }

    /// An overload, by cel-go's id.
    #[must_use]
    pub fn overload(&self, id: &str) -> Option<&Overload> {
        let (function, index) = self.base.overloads.get(id)?;
        self.function(function)?.overloads.get(*index)
    }

    /// A constant of a library.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<&Constant> {
        let (library, index) = *self.base.constants.get(name)?;
        self.libraries().get(library)?.constants.get(index)
    }

    /// The macro that a call of this shape is.
    #[must_use]
    pub fn find_macro(&self, name: &str, args: usize, receiver: bool) -> Option<&Macro> {
        let named = self.base.macros.get(name)?;
        named
            .iter()
            .rfind(|m| m.args == args && m.receiver == receiver)
    }

    /// Whether a name with dots may begin with this word.
    pub(crate) fn begins_qualified_name(&self, root: &str) -> bool {
        let begins = |name: &str| {
            name.strip_prefix(root)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        root == "google"
            || self.base.qualified_roots.contains(&root)
            || self.variables.iter().any(|v| begins(&v.name))
            || self.objects.iter().any(|o| begins(&o.name))
            || self.libraries().iter().any(|library| {
                library.objects.iter().any(|o| begins(&o.name))
                    || library
                        .open_types
                        .iter()
                        .any(|o| o.nested && o.name == root)
            })
    }

    pub(crate) fn indexed(&self, name: &str) -> Option<&Indexed> {
        self.base.functions.get(name)
    }
}

/// The libraries of a version with their indices.
struct Base {
    version: KubernetesVersion,
    libraries: Vec<Library>,
    functions: BTreeMap<&'static str, Indexed>,
    overloads: BTreeMap<&'static str, (&'static str, usize)>,
    constants: BTreeMap<&'static str, (usize, usize)>,
    macros: BTreeMap<&'static str, Vec<Macro>>,
    /// The first words of constants with qualified names.
    qualified_roots: Vec<&'static str>,
}

impl fmt::Debug for Base {
    /// The version and the libraries' names: the rest is long, and follows from them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.libraries.iter().map(|l| (l.name, l.version)).collect();
        f.debug_struct("Base")
            .field("version", &self.version)
            .field("libraries", &names)
            .finish_non_exhaustive()
    }
}

/// A function with its overloads' signatures, made ready for the checker.
#[derive(Debug)]
pub(crate) struct Indexed {
    pub(crate) function: Function,
    pub(crate) signatures: Vec<Signature>,
}

/// An overload's types, whose type parameters are numbered from 0.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) params: Vec<Type>,
    pub(crate) result: Type,
    pub(crate) variables: u32,
}

impl Signature {
    fn new(overload: &Overload) -> Self {
        let mut names = Vec::new();
        let params = overload
            .params
            .iter()
            .map(|param| number(param, &mut names))
            .collect();
        let result = number(&overload.result, &mut names);
        Self {
            params,
            result,
            variables: u32::try_from(names.len()).unwrap_or(u32::MAX),
        }
    }
}

/// Replaces each type parameter by the variable of its number.
fn number(declared: &Type, names: &mut Vec<Arc<str>>) -> Type {
    match declared {
        Type::Param(name) => {
            let known = names.iter().position(|n| n == name);
            let index = known.unwrap_or_else(|| {
                names.push(Arc::clone(name));
                names.len() - 1
            });
            Type::Var(u32::try_from(index).unwrap_or(u32::MAX))
        }
        Type::List(element) => Type::list(number(element, names)),
        Type::Map(key, value) => Type::map(number(key, names), number(value, names)),
        Type::Opaque(name, params) => Type::Opaque(
            Arc::clone(name),
            params.iter().map(|param| number(param, names)).collect(),
        ),
        Type::Type(Some(inner)) => Type::type_of(number(inner, names)),
        other => other.clone(),
    }
}

impl Base {
    fn new(version: KubernetesVersion, libraries: Vec<Library>) -> Self {
        let mut merged: BTreeMap<&'static str, Function> = BTreeMap::new();
        let mut overloads = BTreeMap::new();
        let mut constants = BTreeMap::new();
        let mut macros: BTreeMap<&'static str, Vec<Macro>> = BTreeMap::new();
        for (library_index, library) in libraries.iter().enumerate() {
            for function in &library.functions {
                let into = merged
                    .entry(function.name)
                    .or_insert_with(|| Function::new(function.name));
                for overload in &function.overloads {
                    overloads
                        .entry(overload.id)
                        .or_insert((function.name, into.overloads.len()));
                    into.overloads.push(overload.clone());
                }
            }
            for (index, constant) in library.constants.iter().enumerate() {
                constants
                    .entry(constant.name)
                    .or_insert((library_index, index));
            }
            for r#macro in &library.macros {
                macros.entry(r#macro.name).or_default().push(*r#macro);
            }
        }
        let functions = merged
            .into_iter()
            .map(|(name, function)| {
                let signatures = function.overloads.iter().map(Signature::new).collect();
                (
                    name,
                    Indexed {
                        function,
                        signatures,
                    },
                )
            })
            .collect();
        let mut qualified_roots: Vec<&'static str> = constants
            .keys()
            .filter_map(|name| Some(name.split_once('.')?.0))
            .collect();
        qualified_roots.dedup();
        Self {
            version,
            libraries,
            functions,
            overloads,
            constants,
            macros,
            qualified_roots,
        }
    }
}
