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
        let Some(draws) = self.constants.draws else { return Value::Unknown(Missing::because(Why::NoKey)) };
        let night = self.constants.night;
        let (drawn, made) = match (function, values.as_slice()) {
            (Function::Drawn, [Value::Text(subject), Value::Number(share)]) => {
                let made = R::LISTENS.then(|| draws.made_lot(night, subject, *share));
                (Some(Value::Boolean(draws.is_drawn(night, subject, *share))), made)
            }
            (
                Function::WaitingDays,
                [Value::Text(case), Value::Date(from), Value::Number(least), Value::Number(most)],
            ) => {
                let days = draws.waiting_days(case, *from, *least, *most);
                let made = if R::LISTENS { draws.made_wait(case, *from, *least, *most) } else { None };
                (days.map(|days| Value::Number(Decimal::from(days))), made)
            }
            _ => (None, None),
        };
        if let Some(made) = made {
            self.recorder.draw(made);
        }
        drawn.unwrap_or(Value::Unknown(Missing::because(Why::NoDraw)))
    }
}
