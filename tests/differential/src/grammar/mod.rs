//! What expressions are made of: rules by type, a file for each group of libraries.

mod kubernetes;
mod lists;
mod messages;
mod network;
mod optionals;
mod rule;
mod standard;
mod strings;
mod texts;
mod time;
mod variables;

use std::sync::OnceLock;

pub use rule::{Piece, Rule, Ty};

/// The rules of a group of libraries: one a line, `TYPE: TEMPLATE`.
///
/// In a template `$int` or `$list(T)` stands for an expression of that type, `$#T` for a new
/// variable of it that the rest of the template sees, `$$` for a dollar sign. A capital letter is
/// any type, the same in the whole rule.
struct Library {
    /// The minor version of Kubernetes 1 that the functions came with, 0 for all.
    since: u32,
    rules: &'static str,
}

/// Every rule.
pub struct Grammar {
    rules: Vec<Rule>,
}

/// The grammar, made once.
pub fn grammar() -> &'static Grammar {
    static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
    GRAMMAR.get_or_init(|| {
        let libraries = [
            variables::LIBRARIES,
            standard::LIBRARIES,
            strings::LIBRARIES,
            texts::LIBRARIES,
            time::LIBRARIES,
            lists::LIBRARIES,
            optionals::LIBRARIES,
            kubernetes::LIBRARIES,
            network::LIBRARIES,
            messages::LIBRARIES,
        ];
        let rules = libraries.iter().copied().flatten().flat_map(|library| {
            let lines = library.rules.lines().map(str::trim);
            lines
                .filter(|line| !line.is_empty())
                .map(|line| Rule::read(line, library.since))
        });
        Grammar {
            rules: rules.collect(),
        }
    })
}

impl Grammar {
    /// The rules that make a type, with what the rule's own parameters stand for, of this version
    /// or, where `early`, of any. Rules for any type are apart from those for this one.
    pub fn rules_for<'g>(
        &'g self,
        ty: &Ty,
        minor: u32,
        early: bool,
        any: bool,
    ) -> Vec<(&'g Rule, Bound)> {
        let of_version = |rule: &&Rule| early || rule.since <= minor;
        self.rules
            .iter()
            .filter(|rule| matches!(rule.result, Ty::Param(_)) == any)
            .filter(of_version)
            .filter_map(|rule| {
                let mut bound = Bound::new();
                rule.result.matches(ty, &mut bound).then_some((rule, bound))
            })
            .collect()
    }
}

/// What type parameters stand for.
pub type Bound = Vec<(char, Ty)>;
