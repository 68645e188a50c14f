//! Runs statements of the shared dialect: values to and from PostgreSQL's types, and pipelines.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::task::Poll;

use bytes::BytesMut;
use deadpool_postgres::Object;
use futures_util::TryStreamExt;
use futures_util::future::maybe_done;
use sekisho_store::engine::{EngineError, Row, Statement, Value};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Column, Error, Row as Answered, Statement as Prepared};

use crate::connection::{Trouble, trouble};

/// What one place of a pipeline sends.
pub(crate) enum Sent<'a> {
    Say(&'static str),
    Run(&'a Statement, Prepared),
}

/// A parameter, encoded as the type that the statement asks for.
#[derive(Debug)]
struct Parameter<'a>(&'a Value);

pub(crate) async fn prepare<'a>(
    client: &Object,
    statements: Vec<&'a Statement>,
) -> Result<Vec<Sent<'a>>, Trouble> {
    let mut prepared = Vec::new();
    for statement in statements {
        let sql = statement.sql;
        let plan = client.prepare_cached(sql).await.map_err(|error| trouble(&error, sql))?;
        prepared.push(Sent::Run(statement, plan));
    }
    Ok(prepared)
}

/// Sends everything, in order, before it waits for the first answer. Rows touched, by place.
pub(crate) async fn pipeline(client: &Object, sent: &[Sent<'_>]) -> Vec<Result<u64, Error>> {
    let mut waiting: Vec<_> = sent.iter().map(|sent| Box::pin(maybe_done(sent.run(client)))).collect();
    // A statement leaves when its future is polled for the first time.
    poll_fn(|context| {
        for answer in &mut waiting {
            let _ = answer.as_mut().poll(context);
        }
        Poll::Ready(())
    })
    .await;
    let mut answers = Vec::with_capacity(waiting.len());
    for mut answer in waiting {
        answer.as_mut().await;
        answers.extend(answer.as_mut().take_output());
    }
    answers
}

/// The rows that a statement answers.
pub(crate) async fn rows(client: &Object, statement: &Statement) -> Result<Vec<Row>, Trouble> {
    let sql = statement.sql;
    let query = async {
        let prepared = client.prepare_cached(sql).await?;
        let parameters = statement.parameters.iter().map(Parameter);
        client.query_raw(&prepared, parameters).await?.try_collect::<Vec<_>>().await
    };
    let answered = query.await.map_err(|error| trouble(&error, sql))?;
    answered.iter().map(row).collect::<Result<_, _>>().map_err(|error| trouble(&error, sql))
}

/// Parses and plans a statement, and looks whether its types are among the portable ones.
pub(crate) async fn plan(client: &Object, sql: &str) -> Result<(), Trouble> {
    let prepared = client.prepare_cached(sql).await.map_err(|error| trouble(&error, sql))?;
    let types = prepared.params().iter().chain(prepared.columns().iter().map(Column::type_));
    match types.into_iter().find(|sort| !Answer::accepts(sort)) {
        Some(sort) => Err(Trouble::Ends(EngineError::Refused(format!("{sort} is not portable ({sql})")))),
        None => Ok(()),
    }
}

impl Sent<'_> {
    pub(crate) fn sql(&self) -> &'static str {
        match self {
            Self::Say(sql) => sql,
            Self::Run(statement, _) => statement.sql,
        }
    }

    async fn run(&self, client: &Object) -> Result<u64, Error> {
        match self {
            Self::Say(sql) => client.batch_execute(sql).await.map(|()| 0),
            Self::Run(statement, prepared) => {
                client.execute_raw(prepared, statement.parameters.iter().map(Parameter)).await
            }
        }
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self, sort: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self.0, sort) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(number), &Type::INT8) => number.to_sql(sort, out),
            (Value::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(sort, out),
            (Value::Int(number), &Type::INT2) => i16::try_from(*number)?.to_sql(sort, out),
            (Value::Int(number @ (0 | 1)), &Type::BOOL) => (*number == 1).to_sql(sort, out),
            (Value::Bool(truth), &Type::BOOL) => truth.to_sql(sort, out),
            (Value::Bool(truth), &Type::INT8) => i64::from(*truth).to_sql(sort, out),
            (Value::Text(text), sort) if <&str as ToSql>::accepts(sort) => text.to_sql(sort, out),
            (Value::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(sort, out),
            (value, sort) => Err(format!("{value:?} does not fit {sort}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value as PostgreSQL answers it.
struct Answer(Value);

impl<'a> FromSql<'a> for Answer {
    fn from_sql(sort: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(match *sort {
            Type::INT8 => Value::Int(i64::from_sql(sort, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(sort, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(sort, raw)?.into()),
            Type::BOOL => Value::Bool(bool::from_sql(sort, raw)?),
            Type::BYTEA => Value::Bytes(raw.to_vec()),
            _ => Value::Text(String::from_sql(sort, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(sort: &Type) -> bool {
        matches!(*sort, Type::INT8 | Type::INT4 | Type::INT2 | Type::BOOL | Type::BYTEA)
            || <String as FromSql>::accepts(sort)
    }
}

fn row(answered: &Answered) -> Result<Row, Error> {
    (0..answered.len())
        .map(|column| answered.try_get::<_, Answer>(column).map(|value| value.0))
        .collect::<Result<_, _>>()
        .map(Row)
}
