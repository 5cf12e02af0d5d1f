//! What may not be an argument, for it would stand in the process list, in shell histories and in the log of sudo (4.5):
//! CPR numbers, names and addresses are asked for at a terminal, and read from stdin otherwise, a line each.

use std::{
    collections::VecDeque,
    io::{BufRead, IsTerminal, stdin},
};

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;

use crate::domain::cpr::Cpr;

/// Where answers come from.
#[derive(Debug)]
pub enum Answers {
    /// Stdin.
    Operator,
    /// A rehearsal's script.
    Script(VecDeque<String>),
}

impl Answers {
    /// The answer to a question, which is a noun: `name`.
    ///
    /// # Errors
    /// When nothing is answered.
    pub(super) fn to(&mut self, question: &str) -> Result<String> {
        let line = match self {
            Self::Script(lines) => lines.pop_front().unwrap_or_default(),
            Self::Operator => {
                if stdin().is_terminal() {
                    eprint!("{question}: ");
                }
                let mut line = String::new();
                stdin().lock().read_line(&mut line).with_context(|| format!("read the {question} from stdin"))?;
                line
            }
        };
        match line.trim() {
            "" => bail!("read the {question}: nothing is given (hint: type it when asked, or a line of stdin)"),
            answer => Ok(answer.to_owned()),
        }
    }

    /// A CPR number.
    ///
    /// # Errors
    /// When nothing is answered, or it is none.
    pub(super) fn cpr(&mut self, today: NaiveDate) -> Result<Cpr> {
        Ok(Cpr::parse_on(&self.to("CPR number")?, today)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_takes_a_line_and_an_empty_one_is_no_answer() {
        let mut answers = Answers::Script(["  Bo Borg ", "0401923994", " "].map(str::to_owned).into());
        let today = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
        assert_eq!(answers.to("name").unwrap(), "Bo Borg");
        assert!(answers.cpr(today).is_ok());
        let nothing = "read the name: nothing is given (hint: type it when asked, or a line of stdin)";
        assert_eq!(answers.to("name").unwrap_err().to_string(), nothing);
        assert_eq!(answers.to("name").unwrap_err().to_string(), nothing, "the script is at its end");
    }
}
