//! The planner: one step for each expression, as cel-go's planner with its constant folding makes
//! them.

use std::sync::Arc;

use super::VARIABLES_TYPE;
use super::step::{
    Attribute, Binary, Call as CallStep, CallCost, Candidate, Conditional, Equality, Fallback, Key,
    ListLiteral, MapLiteral, Matches, Membership, MessageLiteral, Qualifier, Root, Step, Unary,
};
use crate::ast::{Call, Expr, ExprId, ExprKind, Literal, Select};
use crate::check::{CheckedAst, Reference};
use crate::env::Environment;
use crate::eval::operators::{BinaryOp, UnaryOp};
use crate::eval::{EvalError, errors, evaluate_constant, unescape};
use crate::library::Overload;
use crate::libs::standard::functions as standard;
use crate::types::Type;
use crate::value::{Str, Value, go, object};

/// The only type of protobuf's own files, but for those of the standard library, whose name has a
/// value.
const MAP_ENTRY: &str = "google.protobuf.Struct.FieldsEntry";

pub(super) type Planned = Result<Step, EvalError>;

/// What a tree is planned with.
pub struct Planner<'c> {
    checked: &'c CheckedAst,
    env: &'c Environment,
    /// The comprehension variables in scope and their places.
    pub(super) scope: Vec<(Arc<str>, usize)>,
    /// How many places there are. Each variable has its own, because an accumulator's first
    /// value may be computed in the middle of another comprehension.
    pub frame: usize,
    /// How deep the expression is nested that is planned now, and the deepest one.
    depth: u32,
    pub deepest: u32,
    /// How large the constant regular expressions are together.
    patterns: u64,
}

/// How many instructions the regular expressions of a program may have together: about a hundred
/// megabytes. Go bounds each of them by as much.
const MAX_PATTERNS: u64 = 4_000_000;

impl<'c> Planner<'c> {
    /// A planner of a checked tree.
    pub const fn new(checked: &'c CheckedAst, env: &'c Environment) -> Self {
        Self {
            checked,
            env,
            scope: Vec::new(),
            frame: 0,
            depth: 0,
            deepest: 0,
            patterns: 0,
        }
    }

    /// Plans an expression.
    pub fn plan(&mut self, expr: &Expr) -> Planned {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let planned = self.plan_inside(expr);
        self.depth -= 1;
        planned
    }

    /// Counts a regular expression that is to be compiled.
    fn pattern(&mut self, text: &str) -> Result<(), EvalError> {
        self.patterns = self.patterns.saturating_add(crate::re2::size(text));
        if self.patterns > MAX_PATTERNS {
            return Err(errors::too_large_patterns());
        }
        Ok(())
    }

    fn plan_inside(&mut self, expr: &Expr) -> Planned {
        match &expr.kind {
            ExprKind::Unspecified => Err(EvalError::new("unsupported expr").at(expr.id)),
            ExprKind::Literal(value) => Ok(Step::Constant(expr.id, literal(value))),
            ExprKind::Ident(name) => self.ident(expr.id, name),
            ExprKind::Select(select) => self.select(expr.id, select),
            ExprKind::Call(call) => self.call(expr.id, call),
            ExprKind::List(list) => {
                let mut elements = Vec::with_capacity(list.elements.len());
                for (at, element) in (0u32..).zip(&list.elements) {
                    elements.push((self.plan(element)?, list.optional.contains(&at)));
                }
                let constant = elements.iter().all(|(step, _)| is_constant(step));
                let step = Step::List(Box::new(ListLiteral {
                    id: expr.id,
                    elements: elements.into(),
                }));
                fold_if(constant, step)
            }
            ExprKind::Map(map) => {
                let mut entries = Vec::with_capacity(map.len());
                for entry in map {
                    let key = self.plan(&entry.key)?;
                    entries.push((key, self.plan(&entry.value)?, entry.optional));
                }
                let constant = entries
                    .iter()
                    .all(|(key, value, _)| is_constant(key) && is_constant(value));
                let step = Step::Map(Box::new(MapLiteral {
                    id: expr.id,
                    entries: entries.into(),
                }));
                fold_if(constant, step)
            }
            ExprKind::Struct(message) => {
                let mut fields = Vec::with_capacity(message.fields.len());
                for field in &message.fields {
                    let value = self.plan(&field.value)?;
                    fields.push((field.name.clone(), value, field.optional));
                }
                Ok(Step::Message(Box::new(MessageLiteral {
                    id: expr.id,
                    type_name: message.type_name.clone(),
                    fields: fields.into(),
                })))
            }
            ExprKind::Comprehension(fold) => self.comprehension(expr.id, fold),
        }
    }

    fn reference(&self, id: ExprId) -> Option<&'c Reference> {
        self.checked
            .references
            .get(id as usize)
            .and_then(Option::as_ref)
    }

    /// A name: a constant, a comprehension's variable or a variable of the environment.
    fn ident(&self, id: ExprId, name: &str) -> Planned {
        if let Some(Some(Type::Type(_))) = self.checked.types.get(id as usize) {
            // cel-go takes any name whose type is a type for the name of a type
            let name = match self.reference(id) {
                Some(Reference::Constant(name)) => name,
                _ => name,
            };
            return self.constant(id, name);
        }
        let root = match self.reference(id) {
            Some(Reference::Constant(name)) => return self.constant(id, name),
            Some(Reference::Variable(slot)) => {
                let variable = self.env.variables().get(*slot);
                let name = variable.map_or_else(|| name.into(), |variable| variable.name.clone());
                Root::Variable(name, *slot)
            }
            _ => match self.place(name) {
                Some(place) => Root::Local(place),
                None => return Err(errors::no_such_attribute(name).at(id)),
            },
        };
        Ok(attribute(id, root, Vec::new()))
    }

    fn constant(&self, id: ExprId, name: &str) -> Planned {
        match self.env.constant(name) {
            Some(constant) => Ok(Step::Constant(id, constant.value.clone())),
            // a name that the checker knows, but of which there is no value
            None if name != MAP_ENTRY => Err(errors::undefined_type(name).at(id)),
            None => {
                let of = Type::Object(name.into());
                Ok(Step::Constant(id, Value::Type(Arc::new(of))))
            }
        }
    }

    /// The place of a comprehension's variable.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.scope
            .iter()
            .rev()
            .find(|(local, _)| &**local == name)
            .map(|(_, place)| *place)
    }

    fn select(&mut self, id: ExprId, select: &Select) -> Planned {
        if self.reference(id).is_some() {
            return self.ident(id, &select.field);
        }
        let operand = self.plan(&select.operand)?;
        if let Some(step) = self.lazy_variable(id, &operand, &select.field, select.test_only) {
            return Ok(step);
        }
        let name = select.field.clone();
        let qualifier = Qualifier {
            id,
            key: match self.checked.types.get(select.operand.id as usize) {
                Some(Some(Type::Object(of))) if object::is_part(of) => Key::Typed(name),
                _ => Key::Field(name),
            },
            optional: false,
        };
        let mut attribute = extend(operand, qualifier);
        attribute.test |= select.test_only;
        Ok(Step::Attribute(Box::new(attribute)))
    }

    /// `variables.NAME`, where `variables` is the host's map of lazy variables.
    fn lazy_variable(&self, id: ExprId, operand: &Step, name: &str, test: bool) -> Option<Step> {
        let Step::Attribute(variable) = operand else {
            return None;
        };
        let Root::Variable(_, slot) = &variable.root else {
            return None;
        };
        let of = &self.env.variables().get(*slot)?.r#type;
        if !variable.qualifiers.is_empty() || *of != Type::object(VARIABLES_TYPE) {
            return None;
        }
        if unescape(name)? != name {
            // found by another name, if at all
            return None;
        }
        let fields = &self.env.object(VARIABLES_TYPE)?.fields;
        let index = fields.iter().position(|(field, _)| &**field == name)?;
        Some(Step::Attribute(Box::new(Attribute {
            id,
            root: Root::Lazy(id, index),
            qualifiers: Vec::new(),
            test,
        })))
    }

    fn call(&mut self, id: ExprId, call: &Call) -> Planned {
        let mut args = Vec::with_capacity(call.args.len() + 1);
        for arg in call.target.as_deref().into_iter().chain(&call.args) {
            args.push(self.plan(arg)?);
        }
        let function = &*call.function;
        let args = match (function, <[Step; 2]>::try_from(args)) {
            ("_&&_", Ok(args)) => return Ok(Step::And(id, args.into())),
            ("_||_", Ok(args)) => return Ok(Step::Or(id, args.into())),
            ("_==_" | "_!=_", Ok([left, right])) => {
                return Ok(Step::Equality(Box::new(Equality {
                    id,
                    negated: function == "_!=_",
                    left,
                    right,
                })));
            }
            ("_[_]", Ok([operand, index])) => return index_step(id, operand, index, false),
            ("_?._" | "_[?_]", Ok([operand, index])) => {
                if function == "_?._"
                    && let Some(Value::String(name)) = index.constant()
                    && let Some(step) = self.lazy_variable(id, &operand, name, false)
                {
                    return Ok(optional_of_lazy(step));
                }
                return index_step(id, operand, index, true);
            }
            ("or" | "orValue", Ok([left, right])) if self.is_fallback(id) => {
                return Ok(Step::Fallback(Box::new(Fallback {
                    id,
                    value: function == "orValue",
                    left,
                    right,
                })));
            }
            (_, Ok([left, right])) => match BinaryOp::new(function) {
                Some(op) if self.is_standard(id) => return self.binary(id, op, left, right),
                _ => vec![left, right],
            },
            (_, Err(args)) => args,
        };
        let args = match <[Step; 3]>::try_from(args) {
            Ok([condition, truthy, falsy]) if function == "_?_:_" => {
                let root = Root::Conditional(Box::new(Conditional {
                    id,
                    condition,
                    truthy,
                    falsy,
                }));
                return Ok(attribute(id, root, Vec::new()));
            }
            Ok(args) => args.into(),
            Err(args) => args,
        };
        let args = match (UnaryOp::new(function), <[Step; 1]>::try_from(args)) {
            (Some(op), Ok([arg])) => {
                let constant = is_constant(&arg) && matches!(op, UnaryOp::Type | UnaryOp::Dyn);
                return fold_or_fail(constant, Step::Unary(Box::new(Unary { id, op, arg })));
            }
            (None, Ok(args)) => args.into(),
            (_, Err(args)) => args,
        };
        self.library_call(id, function, args)
    }

    /// The overloads that the checker left.
    fn overload_ids(&self, id: ExprId) -> &'c [&'static str] {
        match self.reference(id) {
            Some(Reference::Overloads(ids)) => ids,
            _ => &[],
        }
    }

    fn is_fallback(&self, id: ExprId) -> bool {
        self.overload_ids(id)
            .iter()
            .all(|id| matches!(*id, "optional_or_optional" | "optional_orValue_value"))
    }

    /// Whether a call of an operator's name is one of the standard library.
    fn is_standard(&self, id: ExprId) -> bool {
        let ids = self.overload_ids(id);
        ids.iter().all(|id| standard::is_operator(id))
    }

    fn binary(&mut self, id: ExprId, op: BinaryOp, left: Step, right: Step) -> Planned {
        // only where one overload is left does cel-go know which cost applies
        let overload = match self.overload_ids(id) {
            [only] => *only,
            _ => "",
        };
        let cost = standard::cost(overload).map_or(CallCost::One, CallCost::Function);
        if op == BinaryOp::In
            && overload == "in_list"
            && let Some(list) = right.constant()
            && let Some(step) = membership(id, &left, list)
        {
            return Ok(step);
        }
        if op == BinaryOp::Matches
            && let Some(pattern) = right.constant()
            && let Value::String(text) = pattern
        {
            self.pattern(text).map_err(|error| error.at(id))?;
            let regex = crate::re2::Regex::new(text).map_err(|text| EvalError::new(text).at(id))?;
            return Ok(Step::Matches(Box::new(Matches {
                id,
                subject: left,
                regex,
                pattern: pattern.clone(),
                cost,
            })));
        }
        Ok(Step::Binary(Box::new(Binary {
            id,
            op,
            cost,
            left,
            right,
        })))
    }

    /// A call of a library's function: its overloads are tried in order.
    fn library_call(&mut self, id: ExprId, function: &str, args: Vec<Step>) -> Planned {
        let ids = self.overload_ids(id);
        let overloads: Vec<&Overload> = ids.iter().filter_map(|id| self.env.overload(id)).collect();
        let single = overloads.len() == 1;
        let candidates = overloads.iter().map(|overload| {
            // by overload cel-go knows a cost only where one is left
            let known = single || costs_by_function(function);
            let cost = match overload.unresolved_cost {
                Some(cost) if !single => Some(cost),
                _ => overload.cost,
            };
            let params = if overload.unguarded {
                vec![Type::Dyn; overload.params.len()]
            } else {
                overload.params.clone()
            };
            Candidate {
                params: params.into(),
                binding: overload.binding,
                cost: match cost {
                    Some(cost) if known => CallCost::Function(cost),
                    _ => CallCost::One,
                },
                tracked: overload.tracked,
                work: overload.work,
            }
        });
        let mut prepared = None;
        if let [only] = overloads.as_slice()
            && let Some(prepare) = only.prepare
        {
            let constants: Vec<_> = args.iter().map(Step::constant).collect();
            if let Some(Some(Value::String(text))) = constants.get(1) {
                self.pattern(text).map_err(|error| error.at(id))?;
            }
            prepared = prepare(&constants).map_err(|error| error.at(id))?;
        }
        let constant = args.iter().all(is_constant) && is_conversion(function);
        let step = Step::Call(Box::new(CallStep {
            id,
            function: function.into(),
            args: args.into(),
            overloads: candidates.collect(),
            // a call that cel-go dispatches by itself, or has optimized, ends with the first error
            reads_all: prepared.is_none()
                && (single || overloads.iter().any(|overload| overload.singleton))
                && !overloads.iter().any(|overload| overload.variadic),
            prepared,
        }));
        fold_or_fail(constant, step)
    }
}

/// The functions whose cost kube-apiserver's `CostEstimator.CallCost` knows by their name, where
/// it is not 1.
fn costs_by_function(function: &str) -> bool {
    matches!(
        function,
        "check"
            | "fieldSelector"
            | "labelSelector"
            | "isSorted"
            | "sum"
            | "max"
            | "min"
            | "indexOf"
            | "lastIndexOf"
            | "url"
            | "lowerAscii"
            | "upperAscii"
            | "substring"
            | "trim"
            | "replace"
            | "split"
            | "join"
            | "find"
            | "findAll"
            | "ip"
            | "cidr"
            | "isIP"
            | "isCIDR"
            | "ip.isCanonical"
            | "containsIP"
            | "containsCIDR"
            | "quantity"
            | "isQuantity"
            | "semver"
            | "isSemver"
            | "validate"
            | "jsonpatch.escapeKey"
    )
}

/// cel-go folds conversions of constants.
fn is_conversion(function: &str) -> bool {
    matches!(
        function,
        "bool" | "bytes" | "double" | "duration" | "int" | "string" | "timestamp" | "uint"
    )
}

pub(super) fn is_constant(step: &Step) -> bool {
    matches!(step, Step::Constant(..) | Step::Failed(..))
}

/// A constant list or map is made once; one that fails does so whenever it is read. Where Go
/// panics there is no program.
fn fold_if(constant: bool, step: Step) -> Planned {
    if !constant {
        return Ok(step);
    }
    let id = step.id();
    match evaluate_constant(&step) {
        Ok(value) => Ok(Step::Constant(id, value)),
        Err(error) if error.is_panic() => Err(error.at(id)),
        Err(error) if error.is_cancelled() => Ok(step),
        Err(error) => Ok(Step::Failed(id, error)),
    }
}

/// A constant conversion that fails makes the program fail.
fn fold_or_fail(constant: bool, step: Step) -> Planned {
    if !constant {
        return Ok(step);
    }
    let id = step.id();
    match evaluate_constant(&step) {
        Ok(value) => Ok(Step::Constant(id, value)),
        Err(error) if error.is_cancelled() => Ok(step),
        Err(error) => Err(error.at(id)),
    }
}

fn attribute(id: ExprId, root: Root, qualifiers: Vec<Qualifier>) -> Step {
    Step::Attribute(Box::new(Attribute {
        id,
        root,
        qualifiers,
        test: false,
    }))
}

/// `variables.?NAME`: the variable is always there.
fn optional_of_lazy(step: Step) -> Step {
    match step {
        Step::Attribute(mut attribute) => {
            attribute.qualifiers.clear();
            if let Root::Lazy(id, index) = attribute.root {
                attribute.root = Root::LazyOptional(id, index);
            }
            Step::Attribute(attribute)
        }
        other => other,
    }
}

/// Selects one more time: an attribute grows, anything else becomes the root of one.
fn extend(operand: Step, qualifier: Qualifier) -> Attribute {
    match operand {
        Step::Attribute(mut attribute) => {
            attribute.id = qualifier.id;
            attribute.qualifiers.push(qualifier);
            *attribute
        }
        step => Attribute {
            id: qualifier.id,
            root: Root::Step(Box::new(step)),
            qualifiers: vec![qualifier],
            test: false,
        },
    }
}

fn index_step(id: ExprId, operand: Step, index: Step, optional: bool) -> Planned {
    let key = match index {
        Step::Constant(_, Value::String(text)) => Key::Field(match text {
            Str::Shared(text) => text,
            Str::Borrowed(text) => text.into(),
        }),
        Step::Constant(_, value) => match value {
            Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Double(_) => {
                Key::Constant(value)
            }
            other => return Err(errors::invalid_qualifier(go::type_name(&other)).at(id)),
        },
        step => Key::Step(step),
    };
    let qualifier = Qualifier { id, key, optional };
    Ok(Step::Attribute(Box::new(extend(operand, qualifier))))
}

/// `x in [...]` of a constant list of texts, booleans and numbers. An empty list has nothing in it,
/// whatever `x` is.
fn membership(id: ExprId, arg: &Step, list: &Value<'static>) -> Option<Step> {
    let Value::List(list) = list else { return None };
    if list.is_empty() {
        return Some(Step::Constant(id, Value::Bool(false)));
    }
    let (mut texts, mut others) = (Vec::new(), Vec::new());
    for element in list.iter() {
        match element {
            Value::String(Str::Shared(text)) => texts.push(text),
            Value::String(Str::Borrowed(text)) => texts.push(text.into()),
            Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Double(_) => {
                others.push(element);
            }
            _ => return None,
        }
    }
    texts.sort_unstable();
    Some(Step::Membership(Box::new(Membership {
        id,
        arg: arg.clone(),
        texts: texts.into(),
        others: others.into(),
    })))
}

fn literal(literal: &Literal) -> Value<'static> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Uint(value) => Value::Uint(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::String(text) => Value::String(Str::Shared(text.clone())),
        Literal::Bytes(bytes) => Value::Bytes(bytes.clone()),
    }
}
