//! A menu to press keys at: the sample tree, values kept in memory, and a terminal that is a grid of cells.

use std::path::Path;
use std::sync::{Arc, Mutex};

use kit_menu::kconfig::{self, Config, Context, MemoryFiles, NoShell, SymbolId, Tree};
use kit_menu::session::{Contents, Estimate, Leftover, Session, Store, StoreError};
use kit_menu::tui::{Colours, Effect, Event, Model, Theme, update, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Size;

/// The menu on a terminal of a size.
pub struct Screen {
    pub model: Model,
    /// What the last event asked the outside for.
    pub effect: Option<Effect>,
    /// What was saved last.
    pub saved: Arc<Mutex<Vec<(String, String)>>>,
    terminal: Terminal<TestBackend>,
}

/// Values that a test gives a configuration, as `NAME=value`.
#[derive(Clone, Default)]
struct Memory {
    values: Arc<Mutex<Vec<(String, String)>>>,
}

impl Store for Memory {
    fn name(&self) -> String {
        "sample.config".into()
    }

    fn load(&mut self, config: &mut Config) -> Result<Contents, StoreError> {
        config.clear();
        let mut contents = Contents::default();
        let tree = config.tree().clone();
        for (index, (name, value)) in self.values.lock().unwrap().iter().enumerate() {
            let place =
                kit_menu::session::Place { path: "sample.config".into(), line: index as u32 + 1, column: 1 };
            match tree.find(name) {
                Some(symbol) if config.preset(symbol, value).is_ok() => {
                    contents.places.insert(symbol, place);
                }
                _ => contents.leftovers.push(Leftover {
                    assignment: kit_menu::session::Assignment {
                        name: name.clone(),
                        value: value.clone(),
                        place,
                    },
                    message: format!("nothing defines {name}"),
                    detail: String::new(),
                }),
            }
        }
        Ok(contents)
    }

    fn save(&mut self, config: &Config, _: &[Leftover]) -> Result<(), StoreError> {
        *self.values.lock().unwrap() = user_values(config);
        Ok(())
    }

    fn keeps_leftovers(&self) -> bool {
        false
    }

    fn at(&self, path: &Path) -> Box<dyn Store> {
        let _ = path;
        Box::new(Self::default())
    }
}

/// Sizes that are easy to check by eye: 1000 bytes for each symbol that is `y`.
struct Thousands;

impl Estimate for Thousands {
    fn image_bytes(&self, config: &Config) -> Option<u64> {
        Some(100_000 + 1_000 * self.libraries(config)? as u64)
    }

    fn libraries(&self, config: &Config) -> Option<usize> {
        let tree = config.tree();
        Some(
            tree.symbols()
                .filter(|(id, symbol)| !symbol.nodes.is_empty() && &*config.text(*id) == "y")
                .count(),
        )
    }

    fn symbol_bytes(&self, _: &Config, _: SymbolId) -> Option<u64> {
        Some(1_000)
    }
}

fn user_values(config: &Config) -> Vec<(String, String)> {
    let tree = config.tree();
    let named = tree.symbols().filter(|(_, symbol)| !symbol.name.is_empty() && !symbol.nodes.is_empty());
    named
        .filter_map(|(id, symbol)| Some((symbol.name.to_string(), config.user_value(id)?.to_string())))
        .collect()
}

impl Screen {
    /// The sample tree with these values on a terminal of a size.
    pub fn open(width: u16, height: u16, values: &[(&str, &str)]) -> Self {
        Self::themed(width, height, values, Theme::new(Colours::Many, true))
    }

    pub fn themed(width: u16, height: u16, values: &[(&str, &str)], theme: Theme) -> Self {
        let store = Memory::default();
        *store.values.lock().unwrap() =
            values.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let saved = store.values.clone();
        let files = [("Kconfig".into(), include_bytes!("Kconfig").to_vec())];
        let mut context = Context {
            srctree: None,
            environment: Default::default(),
            files: Box::new(MemoryFiles(files.into())),
            shell: Box::new(NoShell),
        };
        let loaded = kconfig::load(Path::new("Kconfig"), &mut context)
            .unwrap_or_else(|failure| panic!("the sample tree: {:?}", failure.diagnostics));
        let session = Session::open(loaded, Box::new(store)).with_estimate(Box::new(Thousands));
        let model = Model::new(session, theme, Size::new(width, height));
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        Self { model, effect: None, saved, terminal }
    }

    /// Presses keys, by name: `down enter / n e t C-r`.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for name in keys.split_whitespace() {
            self.event(Event::Key(key(name)));
        }
        self
    }

    /// Types text, blanks included.
    pub fn write(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            self.event(Event::Key(KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE)));
        }
        self
    }

    pub fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) -> &mut Self {
        self.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
        self
    }

    pub fn click(&mut self, column: u16, row: u16) -> &mut Self {
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row)
    }

    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.event(Event::Resize(Size::new(width, height)));
        self
    }

    pub fn event(&mut self, event: Event) {
        self.effect = update(&mut self.model, event);
    }

    /// The picture, a line each.
    pub fn picture(&mut self) -> String {
        let size = self.model.size;
        self.terminal.backend_mut().resize(size.width, size.height);
        self.terminal.draw(|frame| view(&self.model, frame)).unwrap();
        let buffer = self.terminal.backend().buffer().clone();
        let mut lines: Vec<String> = Vec::new();
        for y in 0..size.height {
            let mut line = String::new();
            let mut x = 0;
            while x < size.width {
                let symbol = buffer[(x, y)].symbol();
                line += symbol;
                // The cell behind a wide character holds nothing.
                x += (unicode_width::UnicodeWidthStr::width(symbol) as u16).max(1);
            }
            lines.push(line.trim_end().to_string());
        }
        lines.join("\n")
    }

    /// Every cell of the picture.
    pub fn cells(&mut self) -> Vec<Cell> {
        self.picture();
        self.terminal.backend().buffer().content.clone()
    }

    /// Where a text is on the screen: column and line of its first character.
    pub fn find(&mut self, text: &str) -> (u16, u16) {
        let picture = self.picture();
        let found = picture.lines().enumerate().find_map(|(y, line)| {
            line.find(text).map(|byte| (line[..byte].chars().count() as u16, y as u16))
        });
        found.unwrap_or_else(|| panic!("{text:?} is not on the screen\n{picture}"))
    }

    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        let picture = self.picture();
        assert!(picture.contains(text), "{text:?} is not on the screen\n{picture}");
        self
    }

    #[track_caller]
    pub fn lacks(&mut self, text: &str) -> &mut Self {
        let picture = self.picture();
        assert!(!picture.contains(text), "{text:?} is on the screen\n{picture}");
        self
    }

    /// Value of a symbol, as text.
    pub fn value(&self, name: &str) -> String {
        let symbol = self.tree().find(name).unwrap_or_else(|| panic!("{name} is in the tree"));
        self.model.session.config().text(symbol).to_string()
    }

    /// Name or prompt of the row under the cursor.
    pub fn row(&self) -> String {
        self.model.row().map(|row| row.name.clone().unwrap_or_else(|| row.prompt.clone())).unwrap_or_default()
    }

    fn tree(&self) -> Arc<Tree> {
        self.model.session.tree().clone()
    }
}

/// A key by its name.
pub fn key(name: &str) -> KeyEvent {
    let (modifiers, name) = match name.strip_prefix("C-") {
        Some(name) if !name.is_empty() => (KeyModifiers::CONTROL, name),
        _ => (KeyModifiers::NONE, name),
    };
    let code = match name {
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "enter" => KeyCode::Enter,
        "space" => KeyCode::Char(' '),
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "backspace" => KeyCode::Backspace,
        "F1" => KeyCode::F(1),
        name => {
            let mut characters = name.chars();
            match (characters.next(), characters.next()) {
                (Some(character), None) => KeyCode::Char(character),
                _ => panic!("no key is called {name}"),
            }
        }
    };
    KeyEvent::new(code, modifiers)
}
