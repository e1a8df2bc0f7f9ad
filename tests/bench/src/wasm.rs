//! What Node calls: `tests/bench/wasm.mjs`.

use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::{Expression, Expressions};

/// The expressions of a file, by their index.
#[wasm_bindgen]
pub struct Bench(Expressions);

#[wasm_bindgen]
impl Bench {
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Result<Self, JsError> {
        Expressions::new(text)
            .map(Self)
            .map_err(|error| JsError::new(&error.to_string()))
    }

    pub fn count(&self) -> usize {
        self.0.list.len()
    }

    pub fn name(&self, at: usize) -> Option<String> {
        self.get(at).map(|expression| expression.name.clone())
    }

    /// The cost and, after a space, the value.
    pub fn answer(&self, at: usize) -> Result<Option<String>, JsError> {
        let Some(expression) = self.get(at) else {
            return Ok(None);
        };
        match self.0.answer(expression) {
            Ok((value, cost)) => Ok(Some(format!("{cost} {value}"))),
            Err(error) => Err(JsError::new(&error.to_string())),
        }
    }

    pub fn evaluate(&self, at: usize, times: u32) {
        if let Some(expression) = self.get(at) {
            self.0.evaluate(expression, times);
        }
    }

    pub fn compile(&self, at: usize, times: u32) {
        if let Some(expression) = self.get(at) {
            self.0.compile(expression, times);
        }
    }

    pub fn bind(&self, times: u32) {
        self.0.bind(times);
    }

    fn get(&self, at: usize) -> Option<&Expression> {
        self.0.list.get(at)
    }
}
