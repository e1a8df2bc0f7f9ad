//! One rule of a Kyverno policy as one admission policy and its bindings.

use vapwright_cel::document::{Fields, Node};
use vapwright_kube::path::Path;

use crate::account::Account;
use crate::actions::{self, Actions};
use crate::annotations::About;
use crate::cel::{self, Origins};
use crate::convert::{Converted, Options};
use crate::filter::is_empty;
use crate::matching;
use crate::names::{Claim, Names, label_name, policy_name};
use crate::profile::{Profile, requirements};

const API_VERSION: &str = "admissionregistration.k8s.io/v1";

/// What a rule shares with the others of its source.
pub(crate) struct Source<'a> {
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) spec: &'a Node,
    pub(crate) about: &'a About,
    pub(crate) profile: Profile,
    pub(crate) labels: Option<&'a Node>,
    pub(crate) options: &'a Options,
}

/// What else a rule can hold, and what becomes of it.
const REFUSED: [(&str, &str, &str); 6] = [
    (
        "context",
        "an admission policy cannot look things up",
        "move what is fixed to `validate.cel.variables`, what varies to a param (`paramKind`)",
    ),
    (
        "preconditions",
        "preconditions in JMESPath are not translated",
        "write them in CEL, as `celPreconditions`",
    ),
    (
        "mutate",
        "mutation is not translated",
        "use a MutatingAdmissionPolicy",
    ),
    (
        "generate",
        "an admission policy cannot create objects",
        "keep the rule in Kyverno",
    ),
    (
        "verifyImages",
        "an admission policy cannot verify images",
        "keep the rule in Kyverno",
    ),
    (
        "imageExtractors",
        "an admission policy has no image extractors",
        "read the images in `validate.cel.variables`",
    ),
];

/// Kinds of `validate` that are not CEL.
const NOT_CEL: [&str; 7] = [
    "pattern",
    "anyPattern",
    "deny",
    "foreach",
    "podSecurity",
    "manifests",
    "assert",
];

/// Converts a rule; `None` where anything of it is refused, as the rest would mean another thing.
pub(crate) fn convert(
    account: &mut Account<'_>,
    names: &mut Names,
    source: &Source<'_>,
    rule: &Node,
    path: &Path,
) -> Option<Converted> {
    let refusals = account.refusals();
    if rule.as_map().is_none() {
        account.wrong_type(path, "a map");
        return None;
    }
    let rule_name = rule
        .get("name")
        .and_then(Node::as_str)
        .unwrap_or_default()
        .to_owned();
    let name = name(account, names, source, &rule_name, path)?;
    refuse_what_is_not_cel(account, rule, path);
    let validate_path = path.field("validate");
    let Some(validate) = rule.get("validate").filter(|node| !is_empty(node)) else {
        account.refused(
            path,
            "not-translatable",
            format!("the rule `{rule_name}` does not validate"),
            "only rules with `validate.cel` become admission policies",
        );
        account.refuse_the_rest(path);
        return None;
    };
    if validate.get("cel").is_none() {
        account.refused(
            &validate_path,
            "not-translatable",
            format!("the rule `{rule_name}` has no `validate.cel`"),
            "write the rule's condition in CEL, as `validate.cel.expressions`",
        );
        return None;
    }

    let mut origins = Origins::new();
    origins.insert(String::new(), path.clone());
    let matching = matching::read(account, rule, path, &name, source.namespace);
    let conditions = conditions(account, source, rule, path, &name, &matching, &mut origins);
    let version = source.options.kubernetes;
    let cel = cel::read(
        account,
        validate,
        &validate_path,
        &name,
        version,
        &mut origins,
    );
    let actions = actions::read(account, source.spec, validate, &validate_path, &name);
    let failure_policy = failure_policy(account, source.spec, &name);
    if validate.get("allowExistingViolations").is_some() {
        account.dropped(
            &validate_path.field("allowExistingViolations"),
            "Kyverno does not read it for CEL rules: every request is checked",
        );
    }
    for (field, note) in [
        (
            "skipBackgroundRequests",
            "it is about Kyverno's own requests",
        ),
        ("reportProperties", "an admission policy makes no reports"),
    ] {
        if rule.get(field).is_some() {
            account.dropped(&path.field(field), note);
        }
    }
    if matching.cluster_scoped {
        account.warn(
            &path.field("match"),
            "cluster-scoped",
            format!(
                "`{name}` also matches objects that are in no namespace, which labels of namespaces do not hold back"
            ),
            "split the rule, so that namespaces choose only what is in them",
        );
    }

    let mut spec = Fields::new();
    spec.insert("failurePolicy", Node::string(failure_policy));
    if let Some(kind) = cel.param_kind {
        spec.insert("paramKind", kind);
    }
    spec.insert("matchConstraints", Node::Map(matching.constraints));
    for (name, list) in [
        ("matchConditions", conditions),
        ("variables", cel.variables),
        ("validations", cel.validations),
        ("auditAnnotations", cel.audit_annotations),
    ] {
        if !list.is_empty() {
            spec.insert(name, Node::List(list));
        }
    }
    let annotations = source.about.annotations(
        account,
        &name,
        &source.options.domain,
        source.profile,
        &match source.namespace {
            Some(namespace) => format!("{}/{namespace}/{}", source.kind, source.name),
            None => format!("{}/{}", source.kind, source.name),
        },
        &rule_name,
    );
    let mut metadata = Fields::new();
    metadata.insert("name", Node::string(name.as_str()));
    if let Some(labels) = source.labels {
        metadata.insert("labels", labels.clone());
        let labels_path = Path::root().fields(&["metadata", "labels"]);
        account.translated(&labels_path, &name, "metadata.labels");
    }
    metadata.insert("annotations", annotations);
    let policy = Node::map([
        ("apiVersion", Node::string(API_VERSION)),
        ("kind", Node::string("ValidatingAdmissionPolicy")),
        ("metadata", Node::Map(metadata)),
        ("spec", Node::Map(spec)),
    ]);
    let bindings = bindings(source, &name, &actions, cel.param_ref.as_ref());
    account.refuse_the_rest(path);
    if account.refusals() > refusals {
        return None;
    }
    let about = source.about;
    Some(Converted {
        name,
        profile: source.profile,
        title: about.title.clone(),
        severity: about.severity.clone(),
        description: about.description.clone(),
        remediation: about.remediation.clone(),
        policy,
        bindings,
        source_path: path.clone(),
        origins,
    })
}

fn name(
    account: &mut Account<'_>,
    names: &mut Names,
    source: &Source<'_>,
    rule: &str,
    path: &Path,
) -> Option<String> {
    let rule_path = path.field("name");
    if rule.is_empty() {
        account.refused(
            path,
            "invalid-value",
            format!("`{path}` has no `name`"),
            "name the rule: the admission policy is named after it",
        );
        return None;
    }
    let wished = match source.namespace {
        Some(namespace) => policy_name(&format!("{namespace}-{}", source.name), rule),
        None => policy_name(source.name, rule),
    };
    let whole = format!(
        "{} {}/{} rule {rule}",
        source.kind,
        source.namespace.unwrap_or_default(),
        source.name
    );
    let name = match names.claim(&wished, &whole) {
        Claim::Free(name) => name,
        Claim::Changed { name, taken_by } => {
            account.warn(
                &rule_path,
                "name-taken",
                format!("`{wished}` is the name of {taken_by} already: this one is `{name}`"),
                "rename the rule",
            );
            name
        }
        Claim::Again => {
            account.refused(
                &rule_path,
                "duplicate-rule",
                format!("the rule `{rule}` of `{}` is there twice", source.name),
                "take one of them out, or rename it",
            );
            return None;
        }
    };
    let policy_path = Path::root().fields(&["metadata", "name"]);
    account.translated(&policy_path, &name, "metadata.name");
    account.translated(&rule_path, &name, "metadata.name");
    if let Some(_namespace) = source.namespace {
        account.translated(
            &Path::root().fields(&["metadata", "namespace"]),
            &name,
            "spec.matchConstraints.namespaceSelector",
        );
    }
    Some(name)
}

fn refuse_what_is_not_cel(account: &mut Account<'_>, rule: &Node, path: &Path) {
    for (field, message, help) in REFUSED {
        match rule.get(field) {
            None => {}
            Some(node) if is_empty(node) => account.dropped(&path.field(field), "it is empty"),
            Some(_) => account.refused(&path.field(field), "not-translatable", message, help),
        }
    }
    let path = path.field("validate");
    for field in NOT_CEL {
        let node = rule.get("validate").and_then(|node| node.get(field));
        match node {
            None => {}
            Some(node) if is_empty(node) => account.dropped(&path.field(field), "it is empty"),
            Some(_) => account.refused(
                &path.field(field),
                "not-translatable",
                format!("`validate.{field}` is not translated"),
                "write the rule's condition in CEL, as `validate.cel.expressions`",
            ),
        }
    }
}

/// The match conditions: of `match` and `exclude`, of the policy's webhook configuration, and the
/// rule's preconditions.
fn conditions(
    account: &mut Account<'_>,
    source: &Source<'_>,
    rule: &Node,
    path: &Path,
    policy: &str,
    matching: &matching::Matching,
    origins: &mut Origins,
) -> Vec<Node> {
    let mut found: Vec<(String, String, Path)> = matching.conditions.clone();
    let webhook = Path::root().fields(&["spec", "webhookConfiguration", "matchConditions"]);
    let lists = [
        (
            source.spec.at(&["webhookConfiguration", "matchConditions"]),
            webhook,
        ),
        (rule.get("celPreconditions"), path.field("celPreconditions")),
    ];
    for (node, path) in lists {
        let Some(node) = node else { continue };
        if is_empty(node) {
            account.dropped(&path, "it is empty");
            continue;
        }
        let Some(items) = node.as_list() else {
            account.wrong_type(&path, "a list");
            continue;
        };
        for (index, item) in items.iter().enumerate() {
            let path = path.index(index);
            let text = |name: &str| item.get(name).and_then(Node::as_str);
            let (Some(name), Some(expression)) = (text("name"), text("expression")) else {
                account.refused(
                    &path,
                    "invalid-value",
                    "a condition needs a `name` and an `expression`",
                    "",
                );
                continue;
            };
            let mut unique = name.to_owned();
            let mut number = 2;
            while found.iter().any(|(taken, _, _)| *taken == unique) {
                unique = format!("{name}-{number}");
                number += 1;
            }
            found.push((unique, expression.to_owned(), path));
        }
    }
    found
        .into_iter()
        .enumerate()
        .map(|(index, (name, expression, path))| {
            let became = format!("spec.matchConditions[{index}]");
            origins.insert(became.clone(), path.clone());
            for field in ["name", "expression"] {
                let below = path.field(field);
                if account.document.find(&below).is_some() {
                    account.translated(&below, policy, format!("{became}.{field}"));
                    origins.insert(format!("{became}.{field}"), below);
                } else {
                    origins.insert(format!("{became}.{field}"), path.clone());
                }
            }
            Node::map([
                ("name", Node::string(name)),
                ("expression", Node::string(expression)),
            ])
        })
        .collect()
}

/// `Fail` or `Ignore`: of the policy, or of its webhook configuration.
fn failure_policy(account: &mut Account<'_>, spec: &Node, policy: &str) -> &'static str {
    let paths = [
        vec!["failurePolicy"],
        vec!["webhookConfiguration", "failurePolicy"],
    ];
    let mut result = None;
    for names in paths {
        let path = Path::root().field("spec").fields(&names);
        let Some(node) = spec.at(&names) else {
            continue;
        };
        match node.as_str() {
            Some("Fail") => {
                account.translated(&path, policy, "spec.failurePolicy");
                result = result.or(Some("Fail"));
            }
            Some("Ignore") => {
                account.translated(&path, policy, "spec.failurePolicy");
                result = result.or(Some("Ignore"));
            }
            _ if is_empty(node) => account.dropped(&path, "it is empty"),
            _ => account.refused(
                &path,
                "invalid-value",
                format!("`{path}` must be `Fail` or `Ignore`"),
                "",
            ),
        }
    }
    result.unwrap_or("Fail")
}

fn bindings(
    source: &Source<'_>,
    name: &str,
    actions: &Actions,
    param_ref: Option<&Node>,
) -> Vec<Node> {
    let domain = &source.options.domain;
    let base = requirements(source.profile, domain, &label_name(name));
    let binding = |binding_name: &str, action: actions::Action, requirements: Vec<Node>| {
        let mut spec = Fields::new();
        spec.insert("policyName", Node::string(name));
        if let Some(param_ref) = param_ref {
            spec.insert("paramRef", param_ref.clone());
        }
        spec.insert("validationActions", action.validation_actions());
        let selector = Node::map([("matchExpressions", Node::List(requirements))]);
        spec.insert(
            "matchResources",
            Node::map([("namespaceSelector", selector)]),
        );
        Node::map([
            ("apiVersion", Node::string(API_VERSION)),
            ("kind", Node::string("ValidatingAdmissionPolicyBinding")),
            (
                "metadata",
                Node::map([("name", Node::string(binding_name))]),
            ),
            ("spec", Node::Map(spec)),
        ])
    };
    let mut result = Vec::new();
    let mut others = base.clone();
    let mut overrides = Vec::new();
    for (index, one) in actions.overrides.iter().enumerate() {
        let mut requirements = others.clone();
        requirements.extend(one.chosen.iter().cloned());
        others.extend(one.others.iter().cloned());
        let suffix = one.action.suffix();
        let binding_name = if index == 0 {
            format!("{name}-{suffix}")
        } else {
            format!("{name}-{suffix}-{}", index + 1)
        };
        overrides.push(binding(&binding_name, one.action, requirements));
    }
    result.push(binding(name, actions.action, others));
    result.extend(overrides);
    result
}
