//! How what came out of an example differs from what it says, line by line.

use std::fmt::Write;

/// How many lines that are alike stand on each side of those that differ.
const AROUND: usize = 1;

/// A line of either, or of both.
#[derive(Clone, Copy, PartialEq)]
enum Line<'l> {
    Alike(&'l str),
    Expected(&'l str),
    Found(&'l str),
}

/// The lines that differ, `-` for one that was expected and `+` for one that was found instead, with those beside them.
pub fn difference(expected: &[&str], found: &[&str]) -> String {
    let lines = compared(expected, found);
    let is_alike = |line: &Line<'_>| matches!(line, Line::Alike(_));
    let mut told = String::new();
    let mut at = 0;
    for run in lines.chunk_by(|a, b| is_alike(a) == is_alike(b)) {
        // At the ends of the text there is nothing that differs on one side.
        let before = if at == 0 { 0 } else { AROUND };
        at += run.len();
        let after = if at == lines.len() { 0 } else { AROUND };
        let left_out = run.len().saturating_sub(before + after);
        // One line takes no more room than to say that it is left out.
        if !is_alike(&run[0]) || left_out <= 1 {
            tell(run, &mut told);
            continue;
        }
        tell(&run[..before], &mut told);
        let _ = write!(told, "\n      … {left_out} lines alike");
        tell(&run[before + left_out..], &mut told);
    }
    told
}

fn tell(lines: &[Line<'_>], told: &mut String) {
    for line in lines {
        let (sign, text) = match line {
            Line::Alike(text) => (' ', text),
            Line::Expected(text) => ('-', text),
            Line::Found(text) => ('+', text),
        };
        // Spaces at a line's end are seen by nobody.
        let seen = text.trim_end();
        let unseen = "␠".repeat(text[seen.len()..].chars().count());
        told.push_str(format!("\n    {sign} {seen}{unseen}").trim_end_matches(' '));
    }
}

/// All lines in their order, as many alike as can be.
fn compared<'l>(expected: &[&'l str], found: &[&'l str]) -> Vec<Line<'l>> {
    // Most are alike at both ends, and what is between is little.
    let before = expected.iter().zip(found).take_while(|(a, b)| a == b).count();
    let (begins, expected, found) = (&expected[..before], &expected[before..], &found[before..]);
    let after = expected.iter().rev().zip(found.iter().rev()).take_while(|(a, b)| a == b).count();
    let (ends, found) = (&expected[expected.len() - after..], &found[..found.len() - after]);
    let alike = |lines: &[&'l str]| lines.iter().map(|line| Line::Alike(line)).collect::<Vec<_>>();
    [alike(begins), compared_between(&expected[..expected.len() - after], found), alike(ends)].concat()
}

/// The same, for lines that are not alike at either end.
fn compared_between<'l>(expected: &[&'l str], found: &[&'l str]) -> Vec<Line<'l>> {
    // How many lines can be alike from each place of the one and each place of the other on.
    let mut alike = vec![vec![0_usize; found.len() + 1]; expected.len() + 1];
    for a in (0..expected.len()).rev() {
        for b in (0..found.len()).rev() {
            alike[a][b] =
                if expected[a] == found[b] { alike[a + 1][b + 1] + 1 } else { alike[a + 1][b].max(alike[a][b + 1]) };
        }
    }
    let (mut a, mut b, mut lines) = (0, 0, Vec::new());
    while a < expected.len() || b < found.len() {
        if a < expected.len() && b < found.len() && expected[a] == found[b] {
            lines.push(Line::Alike(expected[a]));
            (a, b) = (a + 1, b + 1);
        } else if a < expected.len() && (b == found.len() || alike[a + 1][b] >= alike[a][b + 1]) {
            lines.push(Line::Expected(expected[a]));
            a += 1;
        } else {
            lines.push(Line::Found(found[b]));
            b += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(expected: &str, found: &str) -> String {
        difference(&expected.split('/').collect::<Vec<_>>(), &found.split('/').collect::<Vec<_>>())
    }

    #[test]
    fn lines_that_differ_are_told_with_those_beside_them() {
        assert_eq!(
            told("a/b/c/d/e/f", "a/b/c/x/e/f"),
            "\n      … 2 lines alike\n      c\n    - d\n    + x\n      e\n      f"
        );
        assert_eq!(told("a/b", "a/x/b"), "\n      a\n    + x\n      b");
        assert_eq!(
            told("a/b/c/d/e/f/g", "x/b/c/d/e/f/y"),
            "\n    - a\n    + x\n      b\n      … 3 lines alike\n      f\n    - g\n    + y"
        );
        assert_eq!(difference(&[], &["a"]), "\n    + a");
        assert_eq!(difference(&["a", "b"], &[]), "\n    - a\n    - b");
    }

    #[test]
    fn what_differs_in_nothing_but_spaces_is_seen_and_an_empty_line_leaves_none() {
        assert_eq!(told("a ", "a"), "\n    - a␠\n    + a");
        assert_eq!(told("a//b", "a/b"), "\n      a\n    -\n      b");
        assert_eq!(told("a//b", "c//b"), "\n    - a\n    + c\n\n      b");
    }
}
