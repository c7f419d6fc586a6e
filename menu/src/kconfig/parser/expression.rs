//! Expressions: `A && (B || !C = "x")`.
//!
//! Two stacks in place of a recursion: the depth of parentheses is bounded by the text alone.

use super::super::codes;
use super::super::diagnostic::Diagnostic;
use super::super::expr::{Expr, ExprId, Exprs};
use super::super::lexer::{Lexer, Token, TokenKind};
use super::super::span::Span;
use super::super::tree::SymbolId;
use super::keyword;
use super::{Parser, Reported};

#[derive(Clone, Copy)]
enum Operator {
    Or,
    And,
    Not,
    /// A parenthesis that is not closed yet.
    Open(Span),
}

impl Operator {
    /// How tightly it binds.
    fn rank(self) -> u8 {
        match self {
            Self::Open(_) => 0,
            Self::Or => 1,
            Self::And => 2,
            Self::Not => 3,
        }
    }
}

/// The stacks.
#[derive(Default)]
struct Pending {
    operators: Vec<Operator>,
    operands: Vec<ExprId>,
}

impl Pending {
    /// Applies the operators that bind at least as tightly as `rank`.
    fn reduce(&mut self, exprs: &mut Exprs, rank: u8) {
        while let Some(operator) = self.operators.pop_if(|operator| operator.rank() >= rank) {
            let last = self.operands.pop().expect("an operand came before");
            let mut left = || self.operands.pop().expect("an operand came before");
            let expr = match operator {
                Operator::Not => Expr::Not(last),
                Operator::And => Expr::And(left(), last),
                Operator::Or => Expr::Or(left(), last),
                Operator::Open(_) => unreachable!("its rank is 0"),
            };
            self.operands.push(exprs.add(expr));
        }
    }
}

impl Parser<'_> {
    /// An expression, up to an `if` or the end of the line.
    pub(super) fn expression(&mut self, lexer: &mut Lexer<'_>) -> Result<ExprId, Reported> {
        let start = lexer.peek(&mut self.world).start;
        let mut pending = Pending::default();
        loop {
            self.operand(lexer, &mut pending)?;
            if !self.operator(lexer, &mut pending)? {
                break;
            }
        }
        pending.reduce(&mut self.draft.exprs, 1);
        if let Some(Operator::Open(span)) = pending.operators.pop() {
            let diagnostic = Diagnostic::new(codes::INVALID_EXPRESSION, Some(span), "this `(` is not closed");
            return self
                .error(diagnostic.help("an expression ends on its line; `\\` at the end continues it"));
        }
        let expr = pending.operands.pop().expect("there is one operand at least");
        self.check_depth(expr, lexer.span_to_here(start))?;
        Ok(expr)
    }

    /// `a && b` as it stands, where none means that there is nothing to hold.
    pub(super) fn and(
        &mut self,
        a: Option<ExprId>,
        b: Option<ExprId>,
        span: Span,
    ) -> Result<Option<ExprId>, Reported> {
        let (Some(left), Some(right)) = (a, b) else { return Ok(a.or(b)) };
        let both = self.draft.exprs.add(Expr::And(left, right));
        self.check_depth(both, span)?;
        Ok(Some(both))
    }

    /// Refuses what is too deep for those who recurse over it.
    fn check_depth(&mut self, expr: ExprId, span: Span) -> Result<(), Reported> {
        if self.draft.exprs.depth(expr) <= Exprs::MAX_DEPTH {
            return Ok(());
        }
        let message = format!("an expression of more than {} operations under each other", Exprs::MAX_DEPTH);
        let diagnostic = Diagnostic::new(codes::EXPRESSION_TOO_DEEP, Some(span), message);
        self.error(diagnostic.help("give parts of it names: `config PART` with `def_bool …`"))
    }

    /// A condition after `if`; none without one.
    pub(super) fn condition(&mut self, lexer: &mut Lexer<'_>) -> Result<Option<ExprId>, Reported> {
        let token = lexer.peek(&mut self.world);
        if token.kind != TokenKind::Word || token.text != "if" {
            return Ok(None);
        }
        lexer.next(&mut self.world);
        self.expression(lexer).map(Some)
    }

    /// Reads what may stand before an operator: any `!` and `(`, then a symbol or a comparison of two.
    fn operand(&mut self, lexer: &mut Lexer<'_>, pending: &mut Pending) -> Result<(), Reported> {
        loop {
            let token = lexer.peek(&mut self.world);
            match token.kind {
                TokenKind::Not => pending.operators.push(Operator::Not),
                TokenKind::Open => {
                    let token = token.clone();
                    pending.operators.push(Operator::Open(lexer.span(&token)));
                }
                _ => break,
            }
            lexer.next(&mut self.world);
        }
        let left = self.operand_symbol(lexer)?;
        let comparison = match lexer.peek(&mut self.world).kind {
            TokenKind::Compare(comparison) => Some(comparison),
            _ => None,
        };
        let expr = match comparison {
            None => Expr::Symbol(left),
            Some(comparison) => {
                lexer.next(&mut self.world);
                Expr::Compare(comparison, left, self.operand_symbol(lexer)?)
            }
        };
        pending.operands.push(self.draft.exprs.add(expr));
        pending.reduce(&mut self.draft.exprs, Operator::Not.rank());
        Ok(())
    }

    /// Reads what may stand after an operand; false at the end of the expression.
    fn operator(&mut self, lexer: &mut Lexer<'_>, pending: &mut Pending) -> Result<bool, Reported> {
        loop {
            let token = lexer.peek(&mut self.world).clone();
            let operator = match token.kind {
                TokenKind::Or => Operator::Or,
                TokenKind::And => Operator::And,
                TokenKind::Close => {
                    pending.reduce(&mut self.draft.exprs, 1);
                    if pending.operators.pop().is_none() {
                        let span = lexer.span(&token);
                        return self.error(Diagnostic::new(
                            codes::INVALID_EXPRESSION,
                            Some(span),
                            "this `)` closes nothing",
                        ));
                    }
                    pending.reduce(&mut self.draft.exprs, Operator::Not.rank());
                    lexer.next(&mut self.world);
                    continue;
                }
                TokenKind::EndOfLine => return Ok(false),
                TokenKind::Word if token.text == "if" => return Ok(false),
                TokenKind::Compare(comparison) => {
                    let message = format!("`{}` compares two symbols, not expressions", comparison.as_str());
                    let diagnostic =
                        Diagnostic::new(codes::INVALID_EXPRESSION, Some(lexer.span(&token)), message);
                    return self.error(diagnostic.help("write `A = B && B = C` in place of `A = B = C`"));
                }
                _ => return self.unexpected(lexer, &token, "`&&`, `||`, `if` or the end of the line"),
            };
            lexer.next(&mut self.world);
            pending.reduce(&mut self.draft.exprs, operator.rank());
            pending.operators.push(operator);
            return Ok(true);
        }
    }

    fn operand_symbol(&mut self, lexer: &mut Lexer<'_>) -> Result<SymbolId, Reported> {
        self.symbol(lexer, "a symbol or a text in quotes")
    }

    /// A word or a text in quotes.
    pub(super) fn symbol(&mut self, lexer: &mut Lexer<'_>, expected: &str) -> Result<SymbolId, Reported> {
        let token = lexer.next(&mut self.world);
        match token.kind {
            TokenKind::Text => Ok(self.draft.constant(&token.text)),
            _ => self.name_of(lexer, token, expected),
        }
    }

    /// A word, as the name of a symbol.
    pub(super) fn name(&mut self, lexer: &mut Lexer<'_>, expected: &str) -> Result<SymbolId, Reported> {
        let token = lexer.next(&mut self.world);
        self.name_of(lexer, token, expected)
    }

    fn name_of(&mut self, lexer: &Lexer<'_>, token: Token<'_>, expected: &str) -> Result<SymbolId, Reported> {
        match token.kind {
            TokenKind::Expanded => Ok(self.draft.symbol(&token.text)),
            TokenKind::Word if !keyword::is_reserved(&token.text) => Ok(self.draft.symbol(&token.text)),
            TokenKind::Word => {
                let message = format!("`{}` is a keyword and cannot be the name of a symbol", token.text);
                self.error(
                    Diagnostic::new(codes::RESERVED_NAME, Some(lexer.span(&token)), message).help(format!(
                        "here {expected} is expected; names of symbols are usually in capitals"
                    )),
                )
            }
            _ => self.unexpected(lexer, &token, expected),
        }
    }
}
