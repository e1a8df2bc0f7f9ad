//! Comprehensions: the shapes that macros expand to are recognised.

use std::sync::Arc;

use super::planner::{Planned, Planner};
use super::step::{Fold, FoldBody, General, Step};
use crate::ast::{Comprehension, Expr, ExprId, ExprKind, Literal};

impl Planner<'_> {
    /// Plans a comprehension.
    pub(super) fn comprehension(&mut self, id: ExprId, fold: &Comprehension) -> Planned {
        // in cel-go's order, for the sake of which error is the first
        let accumulator = self.new_place();
        let init = self.plan(&fold.accu_init)?;
        let range = self.plan(&fold.range)?;
        let outer = self.scope.len();
        self.scope.push((fold.accu_var.clone(), accumulator));
        let iter = self.declare(&fold.iter_var);
        let iter2 = fold.iter_var2.as_ref().map(|name| self.declare(name));
        let body = match self.shape(fold)? {
            Some(body) => body,
            None => {
                let condition = self.plan(&fold.condition)?;
                let step = self.plan(&fold.step)?;
                self.scope.truncate(outer + 1);
                let result = self.plan(&fold.result)?;
                FoldBody::General(Box::new(General {
                    accumulator,
                    init,
                    condition,
                    step,
                    result,
                }))
            }
        };
        self.scope.truncate(outer);
        Ok(Step::Fold(Box::new(Fold {
            id,
            range,
            iter,
            iter2,
            body,
        })))
    }

    const fn new_place(&mut self) -> usize {
        let place = self.frame;
        self.frame += 1;
        place
    }

    fn declare(&mut self, name: &Arc<str>) -> usize {
        let place = self.new_place();
        self.scope.push((name.clone(), place));
        place
    }

    /// The shape of a macro, if it has one. The accumulator's name is one that nobody can write,
    /// so that it is read nowhere but where the shape says.
    fn shape(&mut self, fold: &Comprehension) -> Result<Option<FoldBody>, crate::eval::EvalError> {
        let accu = &*fold.accu_var;
        if accu != "@result" {
            return Ok(None);
        }
        let is_accu = |expr: &Expr| is_name(expr, accu);
        let always = is_bool(&fold.condition, true);
        if is_bool(&fold.accu_init, true) && is_accu(&fold.result) {
            let condition = args(&fold.condition, "@not_strictly_false");
            if let (Some([tested]), Some([first, predicate])) =
                (condition, args(&fold.step, "_&&_"))
                && is_accu(tested)
                && is_accu(first)
            {
                return Ok(Some(FoldBody::All(self.plan(predicate)?)));
            }
        }
        if is_bool(&fold.accu_init, false) && is_accu(&fold.result) {
            let condition = args(&fold.condition, "@not_strictly_false");
            if let (Some([negated]), Some([first, predicate])) =
                (condition, args(&fold.step, "_||_"))
                && let Some([tested]) = args(negated, "!_")
                && is_accu(tested)
                && is_accu(first)
            {
                return Ok(Some(FoldBody::Exists(self.plan(predicate)?)));
            }
        }
        if !always {
            return Ok(None);
        }
        let (filter, step) = match args(&fold.step, "_?_:_") {
            Some([filter, step, other]) if is_accu(other) => (Some(filter), step),
            _ => (None, &fold.step),
        };
        if let (Some(predicate), Some([first, one]), Some([counted, wanted])) =
            (filter, args(step, "_+_"), args(&fold.result, "_==_"))
            && is_int(&fold.accu_init, 0)
            && is_accu(first)
            && is_int(one, 1)
            && is_accu(counted)
            && is_int(wanted, 1)
        {
            return Ok(Some(FoldBody::ExistsOne(self.plan(predicate)?)));
        }
        if !is_accu(&fold.result) {
            return Ok(None);
        }
        if let (true, Some([first, list])) = (is_empty_list(&fold.accu_init), args(step, "_+_"))
            && is_accu(first)
            && let Some(transform) = only_element(list)
        {
            return Ok(Some(FoldBody::Collect {
                filter: filter.map(|filter| self.plan(filter)).transpose()?,
                transform: self.plan(transform)?,
            }));
        }
        if is_empty_map(&fold.accu_init)
            && let Some([first, rest @ ..]) = args(step, "cel.@mapInsert")
            && is_accu(first)
        {
            let (key, value) = match rest {
                [value] => (None, value),
                [key, value] => (Some(key), value),
                _ => return Ok(None),
            };
            return Ok(Some(FoldBody::Insert {
                filter: filter.map(|filter| self.plan(filter)).transpose()?,
                key: key.map(|key| self.plan(key)).transpose()?,
                value: self.plan(value)?,
            }));
        }
        Ok(None)
    }
}

/// The arguments of a call of a function that is no method.
fn args<'e>(expr: &'e Expr, function: &str) -> Option<&'e [Expr]> {
    match &expr.kind {
        ExprKind::Call(call) if &*call.function == function && call.target.is_none() => {
            Some(&call.args)
        }
        _ => None,
    }
}

fn is_name(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Ident(ident) if &**ident == name)
}

fn is_bool(expr: &Expr, value: bool) -> bool {
    matches!(&expr.kind, ExprKind::Literal(Literal::Bool(found)) if *found == value)
}

fn is_int(expr: &Expr, value: i64) -> bool {
    matches!(&expr.kind, ExprKind::Literal(Literal::Int(found)) if *found == value)
}

fn is_empty_list(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::List(list) if list.elements.is_empty())
}

fn is_empty_map(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Map(entries) if entries.is_empty())
}

fn only_element(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::List(list) if list.optional.is_empty() => match list.elements.as_slice() {
            [element] => Some(element),
            _ => None,
        },
        _ => None,
    }
}
