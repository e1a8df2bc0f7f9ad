//! Failure actions and their overrides: the bindings of an admission policy.

use vapwright_cel::document::{Fields, Node};
use vapwright_kube::path::Path;

use crate::account::Account;
use crate::filter::is_empty;
use crate::profile::requirement;

/// What happens to a request that a rule does not accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Enforce,
    Audit,
}

impl Action {
    fn read(text: &str) -> Option<Self> {
        match text {
            "Enforce" | "enforce" => Some(Self::Enforce),
            "Audit" | "audit" => Some(Self::Audit),
            _ => None,
        }
    }

    /// `spec.validationActions`; Kyverno reports what it audits, and so do warnings.
    pub(crate) fn validation_actions(self) -> Node {
        let actions: &[&str] = match self {
            Self::Enforce => &["Deny"],
            Self::Audit => &["Audit", "Warn"],
        };
        Node::List(actions.iter().map(|action| Node::string(*action)).collect())
    }

    /// The end of the name of an override's binding.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Audit => "audit",
        }
    }
}

/// Where another action holds.
pub(crate) struct Override {
    pub(crate) action: Action,
    /// Requirements that choose its namespaces.
    pub(crate) chosen: Vec<Node>,
    /// Requirements that choose all others.
    pub(crate) others: Vec<Node>,
}

/// The actions of a rule.
pub(crate) struct Actions {
    pub(crate) action: Action,
    pub(crate) overrides: Vec<Override>,
}

const ACTIONS: &str = "binding.spec.validationActions";

/// Reads the action of a rule: its own, or the policy's.
pub(crate) fn read(
    account: &mut Account<'_>,
    spec: &Node,
    validate: &Node,
    validate_path: &Path,
    policy: &str,
) -> Actions {
    let spec_path = Path::root().field("spec");
    let own = action(
        account,
        validate,
        validate_path,
        "failureAction",
        policy,
        true,
    );
    let policys = action(
        account,
        spec,
        &spec_path,
        "validationFailureAction",
        policy,
        own.is_none(),
    );
    let own_overrides = overrides(
        account,
        validate,
        validate_path,
        "failureActionOverrides",
        policy,
        true,
    );
    let policys_overrides = overrides(
        account,
        spec,
        &spec_path,
        "validationFailureActionOverrides",
        policy,
        own_overrides.is_empty(),
    );
    Actions {
        action: own.or(policys).unwrap_or(Action::Audit),
        overrides: if own_overrides.is_empty() {
            policys_overrides
        } else {
            own_overrides
        },
    }
}

fn action(
    account: &mut Account<'_>,
    node: &Node,
    path: &Path,
    name: &str,
    policy: &str,
    counts: bool,
) -> Option<Action> {
    let value = node.get(name)?;
    let path = path.field(name);
    if is_empty(value) {
        account.dropped(&path, "it is empty");
        return None;
    }
    let Some(action) = value.as_str().and_then(Action::read) else {
        account.refused(
            &path,
            "invalid-value",
            format!("`{path}` must be `Enforce` or `Audit`"),
            "",
        );
        return None;
    };
    match action {
        _ if !counts => account.dropped(&path, "the rule has an action of its own"),
        Action::Enforce => account.translated(&path, policy, ACTIONS),
        Action::Audit => account.translated_as(
            &path,
            policy,
            ACTIONS,
            "`Audit` and `Warn`: what Kyverno reports afterwards, the cluster says at once",
        ),
    }
    Some(action)
}

fn overrides(
    account: &mut Account<'_>,
    node: &Node,
    path: &Path,
    name: &str,
    policy: &str,
    counts: bool,
) -> Vec<Override> {
    let Some(value) = node.get(name) else {
        return Vec::new();
    };
    let path = path.field(name);
    if is_empty(value) {
        account.dropped(&path, "it is empty");
        return Vec::new();
    }
    let Some(items) = value.as_list() else {
        account.wrong_type(&path, "a list");
        return Vec::new();
    };
    if !counts {
        account.dropped(&path, "the rule has overrides of its own");
        return Vec::new();
    }
    items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| one_override(account, item, &path.index(index), policy))
        .collect()
}

fn one_override(
    account: &mut Account<'_>,
    item: &Node,
    path: &Path,
    policy: &str,
) -> Option<Override> {
    let Some(action) = item
        .get("action")
        .and_then(Node::as_str)
        .and_then(Action::read)
    else {
        account.refused(
            path,
            "invalid-value",
            format!("`{path}.action` must be `Enforce` or `Audit`"),
            "",
        );
        return None;
    };
    let mut requirements = Vec::new();
    if let Some(names) = item.get("namespaces").filter(|node| !is_empty(node)) {
        let names: Vec<&str> = names
            .as_list()
            .unwrap_or(&[])
            .iter()
            .filter_map(Node::as_str)
            .collect();
        if names.is_empty() || names.iter().any(|name| name.contains(['*', '?'])) {
            account.refused(
                &path.field("namespaces"),
                "not-translatable",
                "a binding chooses namespaces by their whole names or by labels",
                "write out the names, or use `namespaceSelector`",
            );
            return None;
        }
        requirements.push(requirement("kubernetes.io/metadata.name", "In", &names));
    }
    if let Some(selector) = item.get("namespaceSelector").filter(|node| !is_empty(node)) {
        if let Some(labels) = selector.get("matchLabels").and_then(Node::as_map) {
            for (key, value) in labels.iter() {
                requirements.push(requirement(
                    key,
                    "In",
                    &[value.as_str().unwrap_or_default()],
                ));
            }
        }
        if let Some(items) = selector.get("matchExpressions").and_then(Node::as_list) {
            requirements.extend(items.iter().cloned());
        }
    }
    // All other namespaces can only be told by one requirement turned round.
    let others = match requirements.as_slice() {
        [one] => opposite(one),
        _ => None,
    };
    let Some(others) = others else {
        account.refused(
            path,
            "not-translatable",
            "an override must choose its namespaces by names alone or by one label alone",
            "split it, or label the namespaces",
        );
        return None;
    };
    let suffix = action.suffix();
    for name in ["action", "namespaces", "namespaceSelector"] {
        if item.get(name).is_some() {
            account.translated(
                &path.field(name),
                policy,
                format!("binding[{policy}-{suffix}].spec"),
            );
        }
    }
    Some(Override {
        action,
        chosen: requirements,
        others: vec![others],
    })
}

fn opposite(one: &Node) -> Option<Node> {
    let operator = match one.get("operator")?.as_str()? {
        "In" => "NotIn",
        "NotIn" => "In",
        "Exists" => "DoesNotExist",
        "DoesNotExist" => "Exists",
        _ => return None,
    };
    let mut fields: Fields = one.as_map()?.clone();
    // `NotIn` also chooses namespaces without the label, `In` does not.
    if operator == "In" {
        return None;
    }
    fields.insert("operator", Node::string(operator));
    Some(Node::Map(fields))
}
