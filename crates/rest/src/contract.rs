//! What a route says of itself beside path, method and roles: the parameters it reads, the document it takes, what
//! it answers. `docs/openapi.json` is written from it, and calls hold handlers to it.

use sekisho_protocol::keycloak::shape::Shape;

/// What a route reads and answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contract {
    pub(crate) query: &'static [&'static [Parameter]],
    pub(crate) takes: Option<Shape>,
    pub(crate) answers: Answers,
}

/// What comes back when all went well.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answers {
    /// Nobody has said, or it never went well.
    Unsaid,
    /// 200.
    Document(Shape),
    /// 201, at times with what was made.
    Created(Option<Shape>),
    /// The same, or 204 where something that was there is moved.
    CreatedOrDone(Option<Shape>),
    /// 204.
    Done,
}

/// A parameter of the query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    Switch,
    Number,
    /// A text that may be said more than once.
    Texts,
}

/// How many of a list are left out before the first.
pub(crate) const FIRST: Parameter = number("first");
/// How many of a list come at most.
pub(crate) const MAX: Parameter = number("max");
pub(crate) const BRIEF: Parameter = switch("briefRepresentation");

pub(crate) const fn text(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Text }
}

pub(crate) const fn texts(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Texts }
}

pub(crate) const fn switch(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Switch }
}

pub(crate) const fn number(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Number }
}

impl Contract {
    /// Of a route that says nothing.
    pub(crate) const UNSAID: Self = Self { query: &[], takes: None, answers: Answers::Unsaid };

    /// The parameters of the query.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static Parameter> {
        self.query.iter().copied().flatten()
    }

    /// Whether a handler may read this parameter.
    pub(crate) fn reads(&self, name: &str) -> bool {
        self.is_unsaid() || self.parameters().any(|known| known.name == name)
    }

    /// Whether a handler may read a body.
    pub(crate) const fn has_body(&self) -> bool {
        self.is_unsaid() || self.takes.is_some()
    }

    pub(crate) const fn is_unsaid(&self) -> bool {
        matches!(self.answers, Answers::Unsaid)
    }
}

/// `contract!(; query = [FIRST, text("search")]; takes = T; answers = T)`: each part may be left out, in this order.
/// In place of `answers = T`, which is 200: `creates` or `creates = T` for 201, `done` or nothing for 204,
/// `creates | done` for either.
macro_rules! contract {
    (
        $(; query = $($query:tt)&+)?
        $(; takes = $takes:ty)?
        $(; answers = $answers:ty)?
        $(; creates $(= $made:ty)? $(| $moved:ident)?)?
        $(; done)?
    ) => {
        $crate::contract::Contract {
            query: $crate::contract::contract!(@query $($($query)+)?),
            takes: $crate::contract::contract!(@takes $($takes)?),
            answers: $crate::contract::contract!(@answers $(answers $answers)? $(creates $($made)? $(| $moved)?)?),
        }
    };
    (@query $($query:tt)*) => { &[$(&$query),*] };
    (@shape $kind:ty) => { <$kind as sekisho_protocol::keycloak::shape::Shaped>::SHAPE };
    (@takes) => { None };
    (@takes $takes:ty) => { Some($crate::contract::contract!(@shape $takes)) };
    (@answers) => { $crate::contract::Answers::Done };
    (@answers answers $answers:ty) => {
        $crate::contract::Answers::Document($crate::contract::contract!(@shape $answers))
    };
    (@answers creates | done) => { $crate::contract::Answers::CreatedOrDone(None) };
    (@answers creates $made:ty | done) => {
        $crate::contract::Answers::CreatedOrDone(Some($crate::contract::contract!(@shape $made)))
    };
    (@answers creates) => { $crate::contract::Answers::Created(None) };
    (@answers creates $made:ty) => {
        $crate::contract::Answers::Created(Some($crate::contract::contract!(@shape $made)))
    };
}
pub(crate) use contract;
