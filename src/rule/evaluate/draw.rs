//! The functions that draw from the robot's sample key. How a draw is made stands in `sample`.

use rust_decimal::Decimal;

use super::Evaluator;
use crate::rule::function::Function;
use crate::rule::tree::Expr;
use crate::rule::value::{Missing, Value, Why};
use crate::rule::world::{Recorder, World};

impl<'w, W: World, R: Recorder<'w>> Evaluator<'w, W, R> {
    /// `drawn(ansokan, share)`, `waiting days(arendenummer, from, least, most)`
    pub(super) fn draw(&mut self, function: Function, arguments: &'w [Expr]) -> Value<'w> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = self.value(argument);
            if let Some(why) = value.missing() {
                return Value::Unknown(why);
            }
            values.push(value);
        }
        let drawn = self.constants.draws.and_then(|draws| match (function, values.as_slice()) {
            (Function::Drawn, [Value::Text(subject), Value::Number(share)]) => {
                Some(Value::Boolean(draws.is_drawn(self.constants.night, subject, *share)))
            }
            (
                Function::WaitingDays,
                [Value::Text(case), Value::Date(from), Value::Number(least), Value::Number(most)],
            ) => {
                let days = draws.waiting_days(case, *from, *least, *most)?;
                Some(Value::Number(Decimal::from(days)))
            }
            _ => None,
        });
        drawn.unwrap_or(Value::Unknown(Missing::because(Why::NoDraw)))
    }
}
