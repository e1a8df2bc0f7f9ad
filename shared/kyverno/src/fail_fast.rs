//! Policies for workloads, made of those for the Pods that they create: the author of a Deployment is
//! told at once what its Pods would be refused for.
//!
//! Which workloads is Kyverno's rule (`pkg/autogen/v1`). How an expression changes is not: Kyverno
//! replaces bytes, in messages too; here the fields of the object are found in the syntax tree, and
//! the text around them stays as its author wrote it.

use std::sync::OnceLock;

use vapwright_cel::ast::{Ast, Comprehension, Expr, ExprKind, Literal, Select};
use vapwright_cel::document::{Fields, Node};
use vapwright_cel::env::Environment;
use vapwright_cel::parse::{Parsed, parse};
use vapwright_cel::source::Source as Text;
use vapwright_cel::version::KubernetesVersion;

use crate::account::Account;
use crate::autogen::{self, CONTROLLERS, Made};
use crate::convert::{Converted, Options};
use crate::names::{Claim, Names};

/// What policies for workloads do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailFast {
    /// There are none: only Pods are checked.
    #[default]
    No,
    /// They warn whoever sends the workload; its Pods are refused later.
    Warn,
    /// They refuse the workload.
    Deny,
}

impl FailFast {
    /// The validation action of policies for workloads; none where there are none.
    pub(crate) const fn action(self) -> Option<&'static str> {
        match self {
            Self::No => None,
            Self::Warn => Some("Warn"),
            Self::Deny => Some("Deny"),
        }
    }
}

/// The names under which expressions know the object.
const OBJECTS: [&str; 2] = ["object", "oldObject"];
/// What of its metadata a workload gives to its Pods; all else of it, as its name, is its own.
const OF_PODS: [&str; 2] = ["labels", "annotations"];

/// The annotation by which a Kyverno policy says for which workloads rules are made.
pub(crate) const CONTROLLERS_ANNOTATION: &str = "pod-policies.kyverno.io/autogen-controllers";

/// The policies for workloads of the policy that a rule became. What hinders them is told, and hinders
/// nothing else. `rules` are all of the source, `action` is what the policies do.
// apart, so that a page can load it when it is needed
#[inline(never)]
pub(crate) fn policies(
    account: &mut Account<'_>,
    names: &mut Names,
    options: &Options,
    rules: &[Node],
    rule: &Node,
    pods: &Converted,
    action: &str,
) -> Vec<Converted> {
    if !autogen::applies(rule) {
        return Vec::new();
    }
    let annotation = ["metadata", "annotations", CONTROLLERS_ANNOTATION];
    let controllers = account.document.node.at(&annotation).and_then(Node::as_str);
    let controllers = controllers.map(str::to_owned);
    let rules: Vec<&Node> = rules.iter().collect();
    let made = |kind: &str| autogen::made_for(kind, &rules, controllers.as_deref());
    let workloads = CONTROLLERS.iter().filter(|(kind, _)| made(kind).is_some());
    let workloads: Vec<&str> = workloads.map(|(kind, _)| *kind).collect();
    let cron_jobs = made("CronJob").map(|_| "CronJob");
    let kinds = [
        (Made::Controller, workloads),
        (Made::CronJob, cron_jobs.into_iter().collect()),
    ];
    let mut policies = Vec::new();
    for (made, kinds) in kinds {
        if kinds.is_empty() {
            continue;
        }
        let wished = match made {
            Made::CronJob => format!("autogen-cronjob-{}", pods.name),
            _ => format!("autogen-{}", pods.name),
        };
        let (Claim::Free(name) | Claim::Changed { name, .. }) = names.claim(&wished, &wished)
        else {
            continue;
        };
        let rule_name = rule.get("name").and_then(Node::as_str).unwrap_or_default();
        let about = About {
            name,
            rule: autogen::name(rule_name, made),
            annotation: format!("{}/rule", options.domain),
        };
        match policy(pods, &about, made, &kinds, action) {
            Ok(policy) => policies.push(policy),
            Err(why) => {
                account.warn(
                    &pods.source_path,
                    "no-fail-fast",
                    format!(
                        "there is no policy for workloads beside `{}`: {why}",
                        pods.name
                    ),
                    "their Pods are checked all the same",
                );
                return Vec::new();
            }
        }
    }
    policies
}

/// What a policy for workloads is called.
struct About {
    name: String,
    /// The rule's name in Kyverno's reports.
    rule: String,
    /// The annotation that has it.
    annotation: String,
}

fn policy(
    pods: &Converted,
    about: &About,
    made: Made,
    kinds: &[&str],
    action: &str,
) -> Result<Converted, String> {
    let below: &[&str] = match made {
        Made::CronJob => &["spec", "jobTemplate", "spec", "template"],
        _ => &["spec", "template"],
    };
    let name = about.name.as_str();
    let mut policy = pods.policy.clone();
    let rule = Node::string(about.rule.as_str());
    set(
        &mut policy,
        &["metadata", "annotations", &about.annotation],
        rule,
    );
    set(&mut policy, &["metadata", "name"], Node::string(name));
    let rules = constraints(&pods.policy, kinds)?;
    set(
        &mut policy,
        &["spec", "matchConstraints", "resourceRules"],
        rules,
    );
    for (list, fields) in [
        ("matchConditions", &["expression"][..]),
        ("variables", &["expression"]),
        ("validations", &["expression", "messageExpression"]),
        ("auditAnnotations", &["valueExpression"]),
    ] {
        let items = policy.at(&["spec", list]).and_then(Node::as_list);
        let Some(items) = items else { continue };
        let mut rewritten = Vec::with_capacity(items.len());
        for item in items {
            let condition = item.get("expression").and_then(Node::as_str);
            if list == "matchConditions" && condition.is_some_and(holds_for_new_pods) {
                continue;
            }
            let mut item = item.clone();
            for field in fields {
                if let Some(text) = item.get(field).and_then(Node::as_str) {
                    let text = rewrite(text, below)?;
                    set(&mut item, &[field], Node::string(text));
                }
            }
            rewritten.push(item);
        }
        if rewritten.is_empty() {
            let spec = policy
                .as_map_mut()
                .and_then(|fields| fields.get_mut("spec"));
            if let Some(spec) = spec.and_then(Node::as_map_mut) {
                spec.remove(list);
            }
            continue;
        }
        set(&mut policy, &["spec", list], Node::List(rewritten));
    }
    let bindings = pods.bindings.iter().map(|binding| {
        let own = binding.at(&["metadata", "name"]).and_then(Node::as_str);
        let suffix = own.and_then(|own| own.strip_prefix(pods.name.as_str()));
        let mut binding = binding.clone();
        let binding_name = format!("{name}{}", suffix.unwrap_or_default());
        set(
            &mut binding,
            &["metadata", "name"],
            Node::string(binding_name),
        );
        set(&mut binding, &["spec", "policyName"], Node::string(name));
        // what is only audited of Pods refuses no workload
        let denies = binding
            .at(&["spec", "validationActions"])
            .and_then(Node::as_list)
            .is_some_and(|actions| actions.iter().any(|action| action.as_str() == Some("Deny")));
        let action = if denies { action } else { "Warn" };
        let actions = Node::List(vec![Node::string(action)]);
        set(&mut binding, &["spec", "validationActions"], actions);
        binding
    });
    Ok(Converted {
        name: name.to_owned(),
        bindings: bindings.collect(),
        policy,
        ..pods.clone()
    })
}

/// Sets a field of a map, which is there.
fn set(node: &mut Node, path: &[&str], value: Node) {
    let Some((last, above)) = path.split_last() else {
        return;
    };
    let mut fields: Option<&mut Fields> = node.as_map_mut();
    for name in above {
        fields = fields.and_then(|fields| fields.get_mut(name)?.as_map_mut());
    }
    if let Some(fields) = fields {
        fields.insert(*last, value);
    }
}

/// The resource rules for workloads in the place of those for Pods, with their operations.
fn constraints(policy: &Node, kinds: &[&str]) -> Result<Node, String> {
    let constraints = policy.at(&["spec", "matchConstraints"]);
    let narrows = |name: &&str| constraints.is_some_and(|node| node.get(name).is_some());
    if let Some(name) = ["objectSelector", "excludeResourceRules"]
        .iter()
        .find(|name| narrows(name))
    {
        return Err(format!("`{name}` is about Pods"));
    }
    let rules = constraints.and_then(|node| node.get("resourceRules"));
    let rules = rules.and_then(Node::as_list).unwrap_or_default();
    let of_pods = rules.iter().find(|rule| {
        let resources = rule.get("resources").and_then(Node::as_list);
        resources.is_some_and(|all| all.iter().any(|one| one.as_str() == Some("pods")))
    });
    let Some(of_pods) = of_pods else {
        return Err("no resource rule chooses `pods`".to_owned());
    };
    if of_pods.get("resourceNames").is_some() {
        return Err("`resourceNames` are of Pods".to_owned());
    }
    let operations = of_pods.get("operations").cloned().unwrap_or_default();
    let mut groups: Vec<(&str, Vec<Node>)> = Vec::new();
    for kind in kinds {
        let group = match *kind {
            "ReplicationController" => "",
            "Job" | "CronJob" => "batch",
            _ => "apps",
        };
        let resource = Node::string(format!("{}s", kind.to_ascii_lowercase()));
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, resources)) => resources.push(resource),
            None => groups.push((group, vec![resource])),
        }
    }
    let list = |text: &str| Node::List(vec![Node::string(text)]);
    let rule = |(group, resources): (&str, Vec<Node>)| {
        Node::map([
            ("apiGroups", list(group)),
            ("apiVersions", list("v1")),
            ("operations", operations.clone()),
            ("resources", Node::List(resources)),
        ])
    };
    Ok(Node::List(groups.into_iter().map(rule).collect()))
}

fn parsed(text: &str) -> Parsed {
    static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
    let env = ENVIRONMENT.get_or_init(|| Environment::kubernetes(KubernetesVersion::NEWEST));
    parse(&Text::new(text), env)
}

/// Whether a match condition is true of every Pod that is created, as one that lets updates pass which
/// change nothing that matters. A workload's update makes new Pods, so there it would hide what they
/// are refused for.
fn holds_for_new_pods(text: &str) -> bool {
    let parsed = parsed(text);
    parsed.issues.is_empty() && is_of_creation(&parsed.ast.expr)
}

fn is_of_creation(expr: &Expr) -> bool {
    let ExprKind::Call(call) = &expr.kind else {
        return false;
    };
    match (&*call.function, call.args.as_slice()) {
        ("_||_", parts) => parts.iter().any(is_of_creation),
        ("_==_", [one, other]) => {
            let is_old =
                |expr: &Expr| matches!(&expr.kind, ExprKind::Ident(name) if &**name == "oldObject");
            is_old(one) && is_null(other) || is_null(one) && is_old(other)
        }
        _ => false,
    }
}

/// The text of an expression on Pods as one on what has their template at `below`.
///
/// # Errors
/// Why it cannot be: it reads the object as a whole, or is no expression.
pub(crate) fn rewrite(text: &str, below: &[&str]) -> Result<String, String> {
    let parsed = parsed(text);
    if !parsed.issues.is_empty() {
        return Err("an expression cannot be read".to_owned());
    }
    let mut rewriter = Rewriter {
        ast: &parsed.ast,
        below: below
            .iter()
            .fold(String::new(), |text, name| text + "." + name),
        shadows: Vec::new(),
        inserts: Vec::new(),
        whole: false,
    };
    rewriter.expr(&parsed.ast.expr);
    if rewriter.whole {
        return Err("an expression reads `object` as a whole".to_owned());
    }
    let mut inserts = rewriter.inserts;
    // a macro may have repeated what was written once
    inserts.sort_unstable();
    inserts.dedup();
    let mut result = String::with_capacity(text.len() + inserts.len() * rewriter.below.len());
    let mut from = 0;
    for at in inserts {
        result.push_str(text.get(from..at).unwrap_or_default());
        result.push_str(&rewriter.below);
        from = at;
    }
    result.push_str(text.get(from..).unwrap_or_default());
    Ok(result)
}

/// Finds the places after `object` where the way to the template of a Pod belongs.
struct Rewriter<'a> {
    ast: &'a Ast,
    below: String,
    /// Which of the objects' names a loop has taken for its own, from the outermost in.
    shadows: Vec<String>,
    /// Byte offsets.
    inserts: Vec<usize>,
    /// Whether the object is read otherwise than by its fields.
    whole: bool,
}

impl Rewriter<'_> {
    fn expr(&mut self, expr: &Expr) {
        if self.field(expr) {
            return;
        }
        match &expr.kind {
            ExprKind::Ident(name) => self.whole |= self.is_object(name),
            ExprKind::Select(Select { operand, .. }) => self.expr(operand),
            ExprKind::Call(call) => {
                let compares =
                    ["_==_", "_!=_"].contains(&&*call.function) && call.args.iter().any(is_null);
                for operand in call.target.iter().map(|target| &**target).chain(&call.args) {
                    // whether there is an object says nothing of what is in it
                    let is_object =
                        matches!(&operand.kind, ExprKind::Ident(name) if self.is_object(name));
                    if !(compares && is_object) {
                        self.expr(operand);
                    }
                }
            }
            ExprKind::List(list) => list.elements.iter().for_each(|element| self.expr(element)),
            ExprKind::Map(entries) => {
                for entry in entries {
                    self.expr(&entry.key);
                    self.expr(&entry.value);
                }
            }
            ExprKind::Struct(object) => {
                object
                    .fields
                    .iter()
                    .for_each(|field| self.expr(&field.value));
            }
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Literal(_) | ExprKind::Unspecified => {}
        }
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        self.expr(&comprehension.range);
        self.expr(&comprehension.accu_init);
        let outer = self.shadows.len();
        let names = [
            Some(&comprehension.iter_var),
            comprehension.iter_var2.as_ref(),
        ];
        self.shadows
            .extend(names.into_iter().flatten().map(|name| name.to_string()));
        self.expr(&comprehension.condition);
        self.expr(&comprehension.step);
        self.shadows.truncate(outer);
        self.expr(&comprehension.result);
    }

    fn is_object(&self, name: &str) -> bool {
        let name = name.strip_prefix('.').unwrap_or(name);
        OBJECTS.contains(&name) && !self.shadows.iter().any(|shadow| shadow == name)
    }

    /// Whether an expression is a field of the object; those of the Pod's template are noted.
    fn field(&mut self, expr: &Expr) -> bool {
        let Some((operand, field)) = selected(expr) else {
            return false;
        };
        if let ExprKind::Ident(name) = &operand.kind
            && self.is_object(name)
        {
            if field == "spec" {
                // `object.spec` is `object.spec.template.spec`: after `object`
                self.insert_after(operand);
            }
            return true;
        }
        let Some((object, "metadata")) = selected(operand) else {
            return false;
        };
        let ExprKind::Ident(name) = &object.kind else {
            return false;
        };
        if !self.is_object(name) {
            return false;
        }
        if OF_PODS.contains(&field) {
            self.insert_after(object);
        }
        true
    }

    fn insert_after(&mut self, ident: &Expr) {
        match self.ast.info.span(ident.id) {
            Some(span) => self.inserts.push(span.end as usize),
            None => self.whole = true,
        }
    }
}

/// What a field is selected from, and its name: of `a.b`, `a.?b`, `a["b"]`, `a[?"b"]`.
fn selected(expr: &Expr) -> Option<(&Expr, &str)> {
    match &expr.kind {
        ExprKind::Select(select) => Some((&select.operand, &select.field)),
        ExprKind::Call(call) if ["_?._", "_[_]", "_[?_]"].contains(&&*call.function) => {
            match call.args.as_slice() {
                [
                    operand,
                    Expr {
                        kind: ExprKind::Literal(Literal::String(field)),
                        ..
                    },
                ] => Some((operand, field)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Literal::Null))
}
