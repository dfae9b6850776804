//! What a file of Rust says about modules: what each defines, and the paths that it names.

use crate::tokens::{Token, tokens};

/// A path that a module names, in a `use` or elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The segments as they are written; the last may be `*`.
    pub segments: Vec<String>,
    /// The name that a `use` gives it in the module; `None` for a path elsewhere.
    pub name: Option<String>,
    pub line: usize,
}

/// A module in a file: the file's own, or one in braces in it.
#[derive(Debug, Default)]
pub struct Items {
    /// Segments from the file's own module.
    pub module: Vec<String>,
    /// Modules that have a file of their own, and exist for tests only.
    pub test_only: Vec<String>,
    /// Names of functions, types, macros and so on.
    pub defined: Vec<String>,
    /// The macros among them.
    pub macros_defined: Vec<String>,
    pub paths: Vec<Path>,
    /// Macros that are called by a bare name, and the lines.
    pub macros_called: Vec<(String, usize)>,
}

impl Items {
    /// The path to which a `use` of the module gives this name.
    pub fn used(&self, name: &str) -> Option<&Path> {
        self.paths.iter().find(|path| path.name.as_deref() == Some(name) && name != "*")
    }
}

/// Words that come before the name of an item.
const DEFINING: [&str; 8] = ["fn", "struct", "enum", "trait", "type", "const", "static", "union"];

/// Words that start an item.
const STARTING: [&str; 6] = ["pub", "use", "mod", "impl", "unsafe", "macro_rules"];

/// The modules of a text, the file's own first. What is under `#[cfg(test)]` is left out.
pub fn items(source: &str) -> Vec<Items> {
    let tokens = tokens(source);
    let mut reader = Reader { tokens: &tokens, at: 0, modules: Vec::new() };
    reader.module(Vec::new());
    reader.modules.sort_by_key(|items| items.module.len());
    reader.modules
}

struct Reader<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    modules: Vec<Items>,
}

impl<'a> Reader<'a> {
    /// The text of the token `ahead` of this one; empty after the last.
    fn text(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text)
    }

    /// The text of the token `back` before this one; empty before the first.
    fn before(&self, back: usize) -> &'a str {
        self.at.checked_sub(back).map_or("", |at| self.tokens[at].text)
    }

    /// Reads a module up to its closing brace, or to the end of the file.
    fn module(&mut self, module: Vec<String>) {
        let mut items = Items { module, ..Items::default() };
        let mut depth = 0;
        while let Some(&token) = self.tokens.get(self.at) {
            match token.text {
                "{" => depth += 1,
                "}" if depth == 0 => break,
                "}" => depth -= 1,
                "#" if self.is_test_only() => {
                    self.skip_test_only(&mut items);
                    continue;
                }
                "mod" if self.text(2) == "{" => {
                    let name = self.text(1).to_owned();
                    self.at += 3;
                    self.module([&items.module[..], &[name]].concat());
                }
                "use" if self.text(1) != "<" => {
                    self.at += 1;
                    self.use_tree(&[], &mut items);
                }
                "macro_rules" => {
                    items.defined.push(self.text(2).to_owned());
                    items.macros_defined.push(self.text(2).to_owned());
                    self.at += 2;
                }
                word if DEFINING.contains(&word) && depth == 0 => items.defined.push(self.text(1).to_owned()),
                word if token.is_word() || word == "$crate" => self.named(token, &mut items),
                _ => {}
            }
            self.at += 1;
        }
        self.modules.push(items);
    }

    /// A word that may start a path or call a macro. Ends on its last token.
    fn named(&mut self, token: Token<'_>, items: &mut Items) {
        let inside_a_path = match [self.before(2), self.before(1)] {
            [_, "::"] | ["(", "in"] => true,
            [first, "."] => first != ".", // a method; two dots are a range
            _ => false,
        };
        if self.text(1) == "!" && self.text(2) != "=" && !inside_a_path {
            items.macros_called.push((token.text.to_owned(), token.line));
        }
        if self.text(1) != "::" {
            return;
        }
        let mut segments = vec![token.text.to_owned()];
        while self.text(1) == "::" && self.tokens.get(self.at + 2).is_some_and(Token::is_word) {
            segments.push(self.text(2).to_owned());
            self.at += 2;
        }
        if !inside_a_path {
            items.paths.push(Path { segments, name: None, line: token.line });
        }
    }

    /// Reads what follows `use`, or stands in its braces. Ends on the `;`, `,` or `}` after it.
    fn use_tree(&mut self, before: &[String], items: &mut Items) {
        let mut segments = before.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        loop {
            match self.text(0) {
                "::" => {}
                "{" => {
                    while !["}", ""].contains(&self.text(0)) {
                        self.at += 1;
                        if self.text(0) != "}" {
                            self.use_tree(&segments, items);
                        }
                    }
                    self.at += 1;
                    return;
                }
                ";" | "," | "}" | "" | "as" => break,
                "self" if !before.is_empty() => {}
                segment => segments.push(segment.to_owned()),
            }
            self.at += 1;
        }
        let mut name = segments.last().cloned();
        if self.text(0) == "as" {
            name = Some(self.text(1).to_owned());
            self.at += 2;
        }
        items.paths.push(Path { segments, name, line });
    }

    /// Whether an attribute starts here that holds for tests only.
    fn is_test_only(&self) -> bool {
        let end = self.tokens[self.at..].iter().position(|token| token.text == "]").unwrap_or(0);
        let words: Vec<&str> = self.tokens[self.at..self.at + end].iter().map(|token| token.text).collect();
        self.text(1) == "[" && self.text(2) == "cfg" && words.contains(&"test") && !words.contains(&"not")
    }

    /// Skips an attribute and what it holds for. Ends after that.
    fn skip_test_only(&mut self, items: &mut Items) {
        while self.text(0) == "#" {
            while !["]", ""].contains(&self.text(0)) {
                self.at += 1;
            }
            self.at += 1;
        }
        let is_item = STARTING.contains(&self.text(0)) || DEFINING.contains(&self.text(0));
        let mut depth = 0;
        loop {
            match self.text(0) {
                "" => return,
                "mod" if depth == 0 && self.text(2) == ";" => items.test_only.push(self.text(1).to_owned()),
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" if depth == 0 => return,
                "}" if depth == 1 => {
                    self.at += 1;
                    return;
                }
                "}" | ")" | "]" => depth -= 1,
                ";" if depth == 0 => return,
                "," if depth == 0 && !is_item => return,
                _ => {}
            }
            self.at += 1;
        }
    }
}
