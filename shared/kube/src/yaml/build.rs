//! The parser's events into documents.

use std::collections::BTreeMap;
use std::sync::Arc;

use saphyr_parser::{Event, ScalarStyle, Tag};
use vapwright_cel::document::{Fields, Node};

use super::text::{self, Reading};
use super::{MAX_ALIAS_BYTES, MAX_DEPTH, duplicate_key, max_nodes, range, scalar};
use crate::document::{Document, Places, ScalarText};
use crate::place::LineIndex;
use crate::problem::{Problem, TextRange};

/// The code of problems after which the rest of the text is left unread.
pub(super) const TOO_MANY: &str = "yaml-too-large";

/// What is nested too deep.
pub(super) fn too_deep(at: usize) -> Problem {
    Problem::error(
        "yaml-too-deep",
        format!("nested deeper than {MAX_DEPTH} levels"),
        Some(range(at, at + 1)),
    )
}

/// A value with its places and its size.
#[derive(Clone, Debug, Default)]
struct Value {
    node: Node,
    places: Places,
    nodes: usize,
    bytes: usize,
    /// How many levels of maps and lists it has.
    height: usize,
}

/// What the next value of a map is for.
#[derive(Debug)]
enum Pending {
    /// A key comes next.
    Key,
    /// The value of a key comes next.
    Value(Arc<str>, TextRange),
    /// The value of a merge key comes next.
    Merge(TextRange),
}

/// Where the entry of each key of a map is, and whether the key stands there itself (and was
/// not only merged in).
#[derive(Debug, Default)]
struct Index {
    own: Vec<bool>,
    /// Of a large map, which is not searched for each key.
    large: BTreeMap<Arc<str>, usize>,
}

impl Index {
    /// Up to how many entries a map is searched.
    const SMALL: usize = 24;

    fn position(&self, fields: &Fields, key: &str) -> Option<usize> {
        if fields.len() <= Self::SMALL {
            return fields.iter().position(|(name, _)| &**name == key);
        }
        self.large.get(key).copied()
    }

    /// Takes in the entry that was appended last.
    fn push(&mut self, fields: &Fields, own: bool) {
        self.own.push(own);
        let new = fields.iter().enumerate().skip(self.large.len());
        if fields.len() > Self::SMALL {
            for (index, (key, _)) in new {
                self.large.insert(key.clone(), index);
            }
        }
    }
}

/// The items or entries so far.
#[derive(Debug)]
enum Content {
    List(Vec<Node>),
    Map {
        fields: Fields,
        index: Index,
        pending: Pending,
    },
}

/// A map or list that has not ended.
#[derive(Debug)]
struct Frame {
    content: Content,
    children: Vec<Places>,
    anchor: usize,
    start: usize,
    nodes: usize,
    bytes: usize,
    height: usize,
}

/// Builds documents from events.
pub(super) struct Builder<'t> {
    text: &'t str,
    lines: &'t LineIndex<'t>,
    stack: Vec<Frame>,
    root: Option<Value>,
    anchors: BTreeMap<usize, Value>,
    /// One past the last token that was read.
    cursor: usize,
    document_start: usize,
    nodes: usize,
    alias_bytes: usize,
    /// What is wrong, so far, with documents that can be read all the same.
    pub(super) problems: Vec<Problem>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str, lines: &'t LineIndex<'t>) -> Self {
        Self {
            text,
            lines,
            stack: Vec::new(),
            root: None,
            anchors: BTreeMap::new(),
            cursor: 0,
            document_start: 0,
            nodes: 0,
            alias_bytes: 0,
            problems: Vec::new(),
        }
    }

    /// Forgets an unfinished document; reading goes on at an offset.
    pub(super) fn begin(&mut self, at: usize) {
        self.stack.clear();
        self.root = None;
        self.anchors.clear();
        self.cursor = at;
        self.document_start = at;
    }

    /// Where the document that is being read starts.
    pub(super) const fn document_start(&self) -> usize {
        self.document_start
    }

    /// Takes an event in, with the offsets of its text; gives the document that it ends.
    pub(super) fn event(
        &mut self,
        event: Event<'_>,
        start: usize,
        end: usize,
    ) -> Result<Option<Document>, Problem> {
        match event {
            Event::DocumentStart(explicit) => {
                // a document without `---` starts behind what came last: the parser gives the
                // place of its first token, which for a block scalar is its content
                self.begin(if explicit { end } else { self.cursor });
                self.document_start = start;
            }
            Event::DocumentEnd => {
                self.cursor = end.max(self.cursor);
                let value = self.root.take().unwrap_or_default();
                let content = !value.node.is_null();
                return Ok(content.then_some(Document {
                    node: value.node,
                    places: value.places,
                }));
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.scalar(&value, style, anchor, tag.as_deref(), start, end)?;
            }
            Event::Alias(anchor) => self.alias(anchor, start, end)?,
            Event::SequenceStart(anchor, _) => {
                self.open(Content::List(Vec::new()), anchor, start, end)?;
            }
            Event::MappingStart(anchor, _) => {
                let content = Content::Map {
                    fields: Fields::new(),
                    index: Index::default(),
                    pending: Pending::Key,
                };
                self.open(content, anchor, start, end)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(start, end)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
        }
        Ok(None)
    }

    /// Counts values against the limit.
    fn charge(&mut self, nodes: usize, start: usize, end: usize) -> Result<(), Problem> {
        self.nodes += nodes;
        let most = max_nodes(self.text);
        if self.nodes > most {
            return Err(Problem::error(
                TOO_MANY,
                format!("more than {most} values in one text, those of aliases counted"),
                Some(range(start, end)),
            ));
        }
        Ok(())
    }

    fn open(
        &mut self,
        content: Content,
        anchor: usize,
        start: usize,
        end: usize,
    ) -> Result<(), Problem> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(too_deep(start));
        }
        if self.wants_key() {
            let message = "a map or list cannot be a key";
            return Err(Problem::error(
                "yaml-key",
                message,
                Some(range(start, end.max(start + 1))),
            ));
        }
        // properties stand in front of the first bracket, key or dash
        let mut start = start;
        if anchor > 0 || matches!(self.text.as_bytes().get(start), Some(b'!' | b'&')) {
            start = text::skip_to_node(self.text, start);
        }
        self.cursor = if matches!(self.text.as_bytes().get(start), Some(b'[' | b'{')) {
            start + 1
        } else {
            self.cursor.max(start)
        };
        self.stack.push(Frame {
            content,
            children: Vec::new(),
            anchor,
            start,
            nodes: 1,
            bytes: 0,
            height: 0,
        });
        self.charge(1, start, end)
    }

    fn close(&mut self, start: usize, end: usize) -> Result<(), Problem> {
        let Some(frame) = self.stack.pop() else {
            return Ok(());
        };
        let bracket = matches!(self.text.as_bytes().get(start), Some(b']' | b'}'));
        let end = if bracket && end > start {
            self.cursor = end;
            end
        } else {
            // a block ends with its last item, not where the next token shows that it ended
            frame
                .children
                .iter()
                .map(|places| places.range.end as usize)
                .max()
                .unwrap_or(frame.start)
                .max(frame.start)
                .min(self.cursor.max(frame.start))
        };
        // a document is read once, and then kept: without room for more
        let mut children = frame.children;
        children.shrink_to_fit();
        let node = match frame.content {
            Content::List(mut items) => {
                items.shrink_to_fit();
                Node::List(items)
            }
            Content::Map { mut fields, .. } => {
                fields.shrink_to_fit();
                Node::Map(fields)
            }
        };
        let value = Value {
            node,
            places: Places {
                range: range(frame.start, end),
                key: None,
                scalar: None,
                children,
            },
            nodes: frame.nodes,
            bytes: frame.bytes,
            height: frame.height + 1,
        };
        self.register(frame.anchor, &value)?;
        self.value(value)
    }

    /// Whether the next value is a key.
    fn wants_key(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Frame {
                content: Content::Map {
                    pending: Pending::Key,
                    ..
                },
                ..
            })
        )
    }

    fn register(&mut self, anchor: usize, value: &Value) -> Result<(), Problem> {
        if anchor > 0 {
            let TextRange { start, end } = value.places.range;
            self.charge(value.nodes, start as usize, end as usize)?;
            self.anchors.insert(anchor, value.clone());
        }
        Ok(())
    }

    /// Reads a scalar's text again, to know where each part of its value stands.
    fn reading(&self, value: &str, style: ScalarStyle, start: usize, end: usize) -> Reading {
        let text = self.text;
        let reading = match style {
            ScalarStyle::Plain => Some(text::plain(
                text,
                text::skip_to_node(text, start).min(end).max(start),
                end,
            )),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                let start = match text.as_bytes().get(start) {
                    Some(b'"' | b'\'') => start,
                    _ => text::skip_to_node(text, start),
                };
                text::quoted(text, start)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let header = text::skip_to_node(text, self.cursor.min(start));
                text::block(text, header, start)
            }
        };
        match reading {
            Some(reading) if reading.value == value => reading,
            // a block scalar that ends with the text has a line break only if it is there
            Some(reading)
                if reading.range.end as usize == text.len()
                    && value.strip_suffix('\n') == Some(&reading.value) =>
            {
                reading
            }
            _ => Reading {
                value: value.to_owned(),
                anchors: Vec::new(),
                range: range(start, end),
            },
        }
    }

    fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        start: usize,
        end: usize,
    ) -> Result<(), Problem> {
        let plain = style == ScalarStyle::Plain;
        let tag = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix));
        let reading = if plain && value.is_empty() {
            // nothing is written: it stands behind what came last
            let at = match self.text.as_bytes().get(start) {
                Some(b':') => start + 1,
                _ => start,
            };
            let at = at.max(self.cursor);
            Reading {
                range: range(at, at),
                ..Reading::default()
            }
        } else {
            self.reading(value, style, start, end)
        };
        let place = reading.range;
        self.cursor = self.cursor.max(place.end as usize);
        let failed = |message: String| Problem::error("yaml-value", message, Some(place));
        let resolved = scalar::resolve(&reading.value, plain, tag.as_deref()).map_err(failed)?;
        if self.wants_key() {
            let merge = plain && reading.value == "<<" && tag.is_none()
                || tag.as_deref() == Some("tag:yaml.org,2002:merge");
            let key = resolved.clone().key(&reading.value).map_err(failed)?;
            if anchor > 0 {
                let node = resolved.node(&reading.value).map_err(failed)?;
                self.register(anchor, &Self::leaf(node, place, None, reading.value.len()))?;
            }
            self.key(key.into(), place, merge);
            return Ok(());
        }
        let bytes = reading.value.len();
        let node = resolved.node(&reading.value).map_err(failed)?;
        self.charge(1, start, end)?;
        let written = matches!(&node, Node::String(text) if **text == *reading.value)
            || !matches!(node, Node::String(_));
        let scalar = reading.scalar_text().filter(|_| written);
        let value = Self::leaf(node, place, scalar, bytes);
        self.register(anchor, &value)?;
        self.value(value)
    }

    fn leaf(node: Node, range: TextRange, scalar: Option<ScalarText>, bytes: usize) -> Value {
        Value {
            node,
            places: Places {
                range,
                key: None,
                scalar,
                children: Vec::new(),
            },
            nodes: 1,
            bytes,
            height: 0,
        }
    }

    fn alias(&mut self, anchor: usize, start: usize, end: usize) -> Result<(), Problem> {
        self.cursor = end;
        let Some(found) = self.anchors.get(&anchor) else {
            // an anchor around the alias, or one of a document before
            return Err(Problem::error(
                "yaml-syntax",
                "the anchor of this alias is not there, or contains the alias",
                Some(range(start, end)),
            ));
        };
        if self.stack.len() + found.height > MAX_DEPTH {
            return Err(too_deep(start));
        }
        let (nodes, bytes) = (found.nodes, found.bytes);
        self.charge(nodes, start, end)?;
        self.alias_bytes += bytes;
        if self.alias_bytes > MAX_ALIAS_BYTES {
            return Err(Problem::error(
                TOO_MANY,
                format!("aliases repeat more than {MAX_ALIAS_BYTES} bytes of text"),
                Some(range(start, end)),
            ));
        }
        let Some(mut value) = self.anchors.get(&anchor).cloned() else {
            return Ok(());
        };
        if self.wants_key() {
            let key = scalar::node_key(&value.node).ok_or_else(|| {
                let message = "a map, a list or null cannot be a key";
                Problem::error("yaml-key", message, Some(range(start, end)))
            })?;
            self.key(key, range(start, end), false);
            return Ok(());
        }
        value.places.range = range(start, end);
        self.value(value)
    }

    /// Takes the key of the next value in.
    fn key(&mut self, key: Arc<str>, place: TextRange, merge: bool) {
        if let Some(Frame {
            content: Content::Map { pending, .. },
            ..
        }) = self.stack.last_mut()
        {
            *pending = if merge {
                Pending::Merge(place)
            } else {
                Pending::Value(key, place)
            };
        }
    }

    /// Puts a finished value where it belongs.
    fn value(&mut self, mut value: Value) -> Result<(), Problem> {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        frame.nodes += value.nodes;
        frame.bytes += value.bytes;
        frame.height = frame.height.max(value.height);
        match &mut frame.content {
            Content::List(items) => {
                items.push(value.node);
                frame.children.push(value.places);
            }
            Content::Map {
                fields,
                index,
                pending,
            } => match std::mem::replace(pending, Pending::Key) {
                Pending::Key => {}
                Pending::Value(key, place) => {
                    value.places.key = Some(place);
                    let earlier = set(fields, index, &mut frame.children, key.clone(), value, true);
                    if let Some(earlier) = earlier {
                        let problem = duplicate_key(self.lines, &key, earlier, place);
                        self.problems.push(problem);
                    }
                }
                Pending::Merge(place) => {
                    for (node, places) in merged(value, place)? {
                        let Node::Map(entries) = node else { continue };
                        for ((key, node), places) in entries.iter().zip(places.children) {
                            let value = Value {
                                node: node.clone(),
                                places,
                                ..Value::default()
                            };
                            set(
                                fields,
                                index,
                                &mut frame.children,
                                key.clone(),
                                value,
                                false,
                            );
                        }
                    }
                }
            },
        }
        Ok(())
    }
}

/// Sets an entry; gives the place of the key it replaced, where both stand in the map itself.
fn set(
    fields: &mut Fields,
    index: &mut Index,
    children: &mut Vec<Places>,
    key: Arc<str>,
    value: Value,
    own: bool,
) -> Option<TextRange> {
    let Some(position) = index.position(fields, &key) else {
        fields.push(key, value.node);
        children.push(value.places);
        index.push(fields, own);
        return None;
    };
    let was_own = index.own.get_mut(position)?;
    let twice = own && *was_own;
    *was_own |= own;
    let places = children.get_mut(position)?;
    let earlier = places.key.filter(|_| twice);
    fields.insert(key, value.node);
    *places = value.places;
    earlier
}

/// The maps that a merge key's value merges, in the order in which they are set.
fn merged(value: Value, place: TextRange) -> Result<Vec<(Node, Places)>, Problem> {
    let maps = match value.node {
        Node::Map(_) => vec![(value.node, value.places)],
        Node::List(items) => items.into_iter().zip(value.places.children).rev().collect(),
        _ => Vec::new(),
    };
    if maps.is_empty() || maps.iter().any(|(node, _)| node.as_map().is_none()) {
        let message = "map merge requires map or sequence of maps as the value";
        return Err(Problem::error("yaml-value", message, Some(place)));
    }
    Ok(maps)
}
