//! A whole case of another kind: a ValidatingAdmissionPolicy and a request.

use fastrand::Rng;
use serde_json::{Value, json};
use vapwright_admission::compile::{Role, compile};
use vapwright_admission::policy::Policy;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::json::from_value;

use crate::case::{minor, request, text};
use crate::document;
use crate::expression::{of_type, some_type};
use crate::grammar::Ty;
use crate::random::{for_case, pick, unlikely, word};

/// How often an expression is made anew where it does not compile.
const ATTEMPTS: u32 = 12;

/// Case number `index` of a seed: a policy.
pub fn case(seed: u64, index: u64) -> Value {
    let mut rng = for_case(seed, index);
    let rng = &mut rng;
    let minor = minor(rng);
    let mut case = request(rng, index, minor);
    match rng.u32(0..8) {
        0 => case["params"] = json!(null),
        1..5 => case["params"] = document::parameters(rng),
        _ => {}
    }
    let mut maker = Maker {
        minor,
        whole: !unlikely(rng, 12),
        costly: unlikely(rng, 15),
        rng,
        policy: json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": "p"},
            "spec": {},
        }),
        names: Vec::new(),
        made: Vec::new(),
    };
    maker.policy();
    case["policy"] = maker.policy;
    case
}

struct Maker<'r> {
    rng: &'r mut Rng,
    minor: u32,
    /// Expressions that do not compile are made anew, mostly: one is enough to keep the API server
    /// from evaluating any.
    whole: bool,
    /// Expressions cost so much that budgets are spent.
    costly: bool,
    policy: Value,
    /// The variables so far.
    names: Vec<(String, Ty)>,
    /// The expressions so far.
    made: Vec<String>,
}

impl Maker<'_> {
    fn policy(&mut self) {
        if !unlikely(self.rng, 3) {
            self.policy["spec"]["paramKind"] = json!({"apiVersion": "v1", "kind": "ConfigMap"});
        }
        match self.rng.u32(0..4) {
            0 => {}
            1 => self.policy["spec"]["failurePolicy"] = json!("Fail"),
            _ => self.policy["spec"]["failurePolicy"] = json!("Ignore"),
        }
        let most = if self.costly { 13 } else { 5 };
        for _ in 0..self.rng.u32(0..6) {
            self.variable();
        }
        if self.rng.u32(0..5) < 2 {
            for index in 0..self.rng.u32(1..5) {
                let expression = self.condition();
                let condition = json!({"name": format!("c{index}"), "expression": expression});
                self.push("matchConditions", condition);
            }
        }
        let validations = match self.rng.u32(0..12) {
            0 => 0,
            1 => most,
            _ => self.rng.u32(1..=most),
        };
        for _ in 0..validations {
            let validation = self.validation();
            self.push("validations", validation);
        }
        for _ in 0..self.rng.u32(0..8).saturating_sub(4) {
            let annotation = self.annotation();
            self.push("auditAnnotations", annotation);
        }
    }

    fn push(&mut self, list: &str, item: Value) {
        let list = &mut self.policy["spec"][list];
        match list.as_array_mut() {
            Some(items) => items.push(item),
            None => *list = json!([item]),
        }
    }

    /// A variable that the expressions after it may read.
    fn variable(&mut self) {
        const NAMES: &str = "a b c x y size limit names is_ok _x type request object variables all \
                             a__b x__dash__y __in__ has__dot__ A z";
        let name = word(self.rng, NAMES).to_owned();
        let known = self.names.iter().position(|(of, _)| of[10..] == *name);
        if known.is_some() && self.rng.bool() {
            return;
        }
        let hidden = known.map(|at| self.names.remove(at));
        let ty = match self.rng.u32(0..8) {
            0 => Ty::Named("bool"),
            1 => Ty::Named("string"),
            2 => Ty::Named("dyn"),
            3 => Ty::Of("opt", vec![some_type(self.rng)]),
            4 => Ty::Named(word(
                self.rng,
                "quantity ip cidr url semver format decision authorizer resourcecheck duration \
                 timestamp type",
            )),
            _ => some_type(self.rng),
        };
        let full = format!("variables.{name}");
        let mut expression = String::new();
        for _ in 0..ATTEMPTS {
            expression = self.expression(Role::Variable, &ty);
            // what reads itself, through an earlier variable of its own name, never ends in Go
            if !(hidden.is_some() && expression.contains("variables")) {
                break;
            }
            expression = "true".to_owned();
        }
        self.push("variables", json!({"name": name, "expression": expression}));
        self.names.push((full, ty));
    }

    fn condition(&mut self) -> String {
        match self.rng.u32(0..10) {
            0 => "false".to_owned(),
            1 => self.failing("bool"),
            2..5 => {
                let expression = self.expression(Role::MatchCondition, &Ty::Named("bool"));
                format!("{expression} || true")
            }
            5 => "namespaceObject == null || namespaceObject.metadata.name == 'shop'".to_owned(),
            _ => self.expression(Role::MatchCondition, &Ty::Named("bool")),
        }
    }

    fn validation(&mut self) -> Value {
        let bool = Ty::Named("bool");
        let expression = match self.rng.u32(0..12) {
            0 => "false".to_owned(),
            1 => self.failing("bool"),
            2 | 3 => format!("!({})", self.expression(Role::Validation, &bool)),
            4 => format!("{} && false", self.expression(Role::Validation, &bool)),
            5 => self.blanks("\n  ", "a == b", " \t\r\n"),
            _ => self.expression(Role::Validation, &bool),
        };
        let expression = expression.replace("a == b", "object == oldObject");
        let mut validation = json!({"expression": expression});
        match self.rng.u32(0..8) {
            0..2 => validation["message"] = json!(crate::literals::text(self.rng)),
            2 => validation["message"] = json!(self.blanks(" \u{a0}", "no", "\u{2003}\u{85}\n")),
            3 => validation["message"] = json!(self.blanks("\u{200b}", "", "\u{feff}")),
            4 => validation["message"] = json!("two\nlines"),
            _ => {}
        }
        if self.rng.bool() {
            validation["messageExpression"] = json!(self.message());
        }
        if self.rng.u32(0..3) == 0 {
            validation["reason"] = json!(pick(
                self.rng,
                &[
                    "Unauthorized",
                    "Forbidden",
                    "Invalid",
                    "RequestEntityTooLarge",
                    "Other",
                    "",
                ],
            ));
        }
        validation
    }

    fn message(&mut self) -> String {
        match self.rng.u32(0..16) {
            0 => pick(self.rng, &["''", "'  '", "'\\u00a0\\u2003'", "' \\n '"]).to_owned(),
            1 => pick(
                self.rng,
                &["'a\\nb'", "'a\\n'", "'\\n'", "'a\\rb'", "'\\u2028x'"],
            )
            .to_owned(),
            2 => {
                // about as long as a message may be, in bytes
                let char = pick(self.rng, &["x", "ü", "中"]);
                let times = 512 / char.len();
                let rest = self.rng.usize(0..12) + 512 % char.len() * 10;
                format!(
                    "'{}'.replace('a', '{}') + '{}'",
                    "a".repeat(10),
                    char.repeat(times),
                    "x".repeat(rest)
                )
            }
            3 => self.failing("string"),
            4 => self.blanks(
                "' ' + ",
                "object.kind == 'Pod' ? ' pod' : 'none '",
                " + '\t'",
            ),
            5 => "'user ' + request.userInfo.username + ' in ' + request.namespace".to_owned(),
            _ => self.expression(Role::Message, &Ty::Named("string")),
        }
    }

    fn annotation(&mut self) -> Value {
        let key = pick(self.rng, &["k1", "k2", "k1", "a-b.c", "K"]);
        let expression = match self.rng.u32(0..12) {
            0 => "null".to_owned(),
            1 => pick(self.rng, &["''", "' \\t'", "' x '", "'a\\nb'"]).to_owned(),
            2 => self.failing("string"),
            3 => self.failing("null"),
            // longer than an audit annotation may be
            4 => format!("'{}'.replace('a', '{}')", "a".repeat(11), "ü".repeat(500)),
            5 => pick(
                self.rng,
                &[
                    "string(dyn(namespaceObject).metadata.ownerReferences[0].name)",
                    "string(size(dyn(namespaceObject).metadata.managedFields))",
                    "string(dyn(namespaceObject).kind)",
                    "dyn(namespaceObject).metadata.map(k, k).join(',') == '' ? 'a' : 'b'",
                    "authorizer.group('').resource('pods').check('get').reason()",
                    "namespaceObject == null ? 'none' : 'some'",
                ],
            )
            .to_owned(),
            _ => {
                let ty = if unlikely(self.rng, 8) {
                    "null"
                } else {
                    "string"
                };
                self.expression(Role::Audit, &Ty::Named(ty))
            }
        };
        json!({"key": key, "valueExpression": expression})
    }

    /// An expression for a place: generated, one that is there already, or one about `variables`.
    fn expression(&mut self, role: Role, ty: &Ty) -> String {
        let mut expression = String::new();
        for _ in 0..ATTEMPTS {
            expression = self.any_expression(role, ty);
            if !self.whole || self.compiles(role, &expression) || unlikely(self.rng, 200) {
                break;
            }
            expression = self.plain(ty);
        }
        self.made.push(expression.clone());
        expression
    }

    fn any_expression(&mut self, role: Role, ty: &Ty) -> String {
        if self.costly && self.rng.bool() {
            return self.cost(ty);
        }
        match self.rng.u32(0..40) {
            0 if !self.made.is_empty() => {
                let at = self.rng.usize(0..self.made.len());
                match &self.made[at] {
                    iterates if role == Role::Variable && iterates.contains("dyn(variables)") => {
                        self.plain(ty)
                    }
                    made => made.clone(),
                }
            }
            1..4 if !self.names.is_empty() => self.about_variables(role, ty),
            4 if !self.whole => text(self.rng, self.minor),
            _ => of_type(self.rng, self.minor, ty, &self.names),
        }
    }

    /// Whether an expression compiles in its place.
    fn compiles(&self, role: Role, expression: &str) -> bool {
        let mut spec = json!({});
        for field in ["paramKind", "variables"] {
            if let Some(value) = self.policy["spec"].get(field) {
                spec[field] = value.clone();
            }
        }
        let (list, item) = match role {
            Role::Variable => (
                "variables",
                json!({"name": "new", "expression": expression}),
            ),
            Role::MatchCondition => ("matchConditions", json!({"expression": expression})),
            Role::Validation => ("validations", json!({"expression": expression})),
            Role::Message => (
                "validations",
                json!({"expression": "true", "messageExpression": expression}),
            ),
            Role::Audit => ("auditAnnotations", json!({"valueExpression": expression})),
            // a validating policy has none
            Role::JsonPatch | Role::ApplyConfiguration => return false,
        };
        match spec[list].as_array_mut() {
            Some(items) => items.push(item),
            None => spec[list] = json!([item]),
        }
        let policy = Policy::read(&from_value(&json!({ "spec": spec }))).0;
        let version = u16::try_from(self.minor).map_or(KubernetesVersion::NEWEST, |minor| {
            KubernetesVersion::new(minor)
        });
        compile(policy, version)
            .expressions()
            .filter(|e| e.role == role)
            .last()
            .is_some_and(|e| e.failure().is_none())
    }

    /// What is left where nothing else compiles.
    fn plain(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Named("string") => "string(object)".to_owned(),
            Ty::Named("null") => "null".to_owned(),
            _ => "object == null".to_owned(),
        }
    }

    /// An expression of a type that fails when it is evaluated.
    fn failing(&mut self, ty: &str) -> String {
        let failure = pick(
            self.rng,
            &[
                "object.spec.missing",
                "1 / int(object == null)",
                "[1][size(request.operation)]",
                "{'a': 1}[request.name]",
                "int(request.operation)",
                "duration(request.operation)",
                "object.spec.text.matches(request.name + '(')",
                "optional.none().value()",
            ],
        );
        match ty {
            "string" => format!("string({failure})"),
            "null" => format!("[null][size([{failure}])]"),
            _ => format!("{failure} == {failure}"),
        }
    }

    /// An expression of a cost that is high, though it takes little time: it looks for a long text
    /// in a long text.
    fn cost(&mut self, ty: &Ty) -> String {
        let size = match self.rng.u32(0..6) {
            0 => self.rng.u32(1..100),
            1..3 => self.rng.u32(990..1_002),
            _ => self.rng.u32(100..1_000),
        };
        let long = format!("'{}'.replace('a', '0123456789')", "a".repeat(size as usize));
        let name = self.names.iter().find(|(name, _)| name.ends_with(".long"));
        let long = match name {
            Some((name, _)) => name.clone(),
            None => {
                let variable = json!({"name": "long", "expression": long});
                self.push("variables", variable);
                self.names
                    .push(("variables.long".to_owned(), Ty::Named("string")));
                "variables.long".to_owned()
            }
        };
        let times = self.rng.u32(1..4);
        let found = vec![format!("{long}.contains({long})"); times as usize].join(" && ");
        match ty {
            Ty::Named("string") => format!("{found} ? 'found' : ''"),
            Ty::Named("bool") if self.rng.bool() => format!("!({found})"),
            _ => found,
        }
    }

    /// An expression about `variables` as a whole, about a variable that is not there, or about
    /// whether one is.
    fn about_variables(&mut self, role: Role, ty: &Ty) -> String {
        const FORMS: &[&str] = &[
            "has(NAME)",
            "has(variables.missing)",
            "variables.missing == 1",
            "variables.?missing.hasValue()",
            "variables.?SHORT.hasValue()",
            "variables[?'SHORT'].hasValue()",
            "variables['SHORT'] == NAME",
            "dyn(variables)['SHORT'] == NAME",
            "dyn(variables).SHORT == NAME",
            "'SHORT' in dyn(variables)",
            "'missing' in dyn(variables)",
            "dyn(variables).missing == 1",
            "size(dyn(variables)) > 1",
            "type(variables) == type(object)",
            "type(NAME) == dyn",
            "variables == variables",
            "dyn(variables) == {'SHORT': NAME}",
            "NAME == NAME && NAME == NAME",
            "[NAME, NAME] == [NAME]",
            "[variables].all(variables, variables.SHORT == NAME)",
            "dyn(NAME) == null || type(NAME) == string",
            "[1].map(variables, variables + 1) == [2]",
            "NAME.size() > 1",
            "string(NAME) == 'a'",
            "NAME == object.spec.text",
            "variables.all(v, true)",
            "variables.size() == 1",
            "NAME.a == NAME",
            "NAME.a.b == 1",
            "has(NAME.a)",
            "has(NAME.a.b)",
            "NAME.?a.hasValue()",
            "NAME[0] == NAME",
            "NAME['a'] == 1",
            "NAME[?0].hasValue()",
            "variables.?SHORT.a.hasValue()",
            "variables.?SHORT[0].hasValue()",
            "variables.?SHORT == optional.of(NAME)",
            "variables.?SHORT.value() == NAME",
            "NAME.hasValue() && NAME.value() == NAME.value()",
            "NAME.orValue(true) == NAME",
            "NAME.or(NAME) == NAME",
            "NAME.optMap(x, x) == NAME",
            "NAME.value().a == 1",
            "[NAME][0] == NAME && [NAME].all(x, x == NAME)",
            "(NAME == null ? NAME : NAME).a == 1",
            "[1].all(x, NAME.value() == NAME.value())",
            "type(NAME) == type(1) || type(NAME) == optional_type",
        ];
        const ITERATING: &[&str] = &[
            "dyn(variables).all(v, v == NAME)",
            "dyn(variables).exists(v, v == NAME)",
            "dyn(variables).map(v, v) == [NAME]",
            "dyn(variables).all(k, v, k == v)",
            "{'SHORT': NAME} == dyn(variables)",
        ];
        let at = self.rng.usize(0..self.names.len());
        let name = self.names[at].0.clone();
        let short = name.trim_start_matches("variables.").to_owned();
        // a variable that iterates all variables iterates itself, without end
        let forms = match role {
            Role::Variable => FORMS,
            _ if unlikely(self.rng, 8) => ITERATING,
            _ => FORMS,
        };
        let form = pick(self.rng, forms);
        let form = form.replace("NAME", &name).replace("SHORT", &short);
        match ty {
            Ty::Named("string") => format!("({form}) ? 'yes' : 'no'"),
            _ => form,
        }
    }

    /// A text with blanks before and after, or without.
    fn blanks(&mut self, before: &str, text: &str, after: &str) -> String {
        let side = |rng: &mut Rng, blank: &str| {
            if rng.bool() {
                blank.to_owned()
            } else {
                String::new()
            }
        };
        let before = side(self.rng, before);
        format!("{before}{text}{}", side(self.rng, after))
    }
}
