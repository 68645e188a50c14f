//! `sekisho user`: users made, and passwords set, from a shell.

use std::collections::BTreeMap;
use std::process::ExitCode;

use sekisho_admin::user::{self, Duration};
use sekisho_protocol::keycloak::defaults::MASTER;
use sekisho_protocol::keycloak::{CredentialRepresentation, UserRepresentation};

use crate::administration::{self, Password, open_existing, open_or_make};
use crate::open::OpenOptions;
use crate::output;

const HELP: &str = "\
A password is read from SEKISHO_PASSWORD or, with --password-stdin, from standard input; there is no flag for
it. Without either one is invented and printed alone on standard output.

Examples:
  sekisho user create --realm master --admin operator
  sekisho user create --realm shop --email ann@example.org ann
  pass show shop/ann | sekisho user set-password --realm shop --password-stdin ann

Exit codes:
  0  done
  1  something failed: the database, the master key, or a name that is not there
  2  wrong usage";

/// Make users and set their passwords
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a user
    #[command(after_help = HELP)]
    Create(CreateArgs),
    /// Give a user another password
    #[command(after_help = HELP)]
    SetPassword(SetPasswordArgs),
}

#[derive(clap::Args)]
struct CreateArgs {
    /// Name to sign in with
    username: String,
    /// May administer the realm; in realm master, every realm
    #[arg(long)]
    admin: bool,
    /// Address for mail; it counts as not verified
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Given name
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Family name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// Realm role to give; may be given more than once
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    open: OpenOptions,
}

#[derive(clap::Args)]
struct SetPasswordArgs {
    /// Name of the user
    username: String,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    open: OpenOptions,
}

#[derive(clap::Args)]
struct PasswordArgs {
    /// Realm of the user
    #[arg(long, value_name = "NAME")]
    realm: String,
    /// Ask for another password at the next sign-in
    #[arg(long)]
    temporary: bool,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Create(arguments) => create(arguments).await?,
        Command::SetPassword(arguments) => set_password(arguments).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(arguments: CreateArgs) -> anyhow::Result<()> {
    let opened = if arguments.password.realm == MASTER {
        // The first administrator may come before the first start of the server.
        let opened = open_or_make(&arguments.open).await?;
        administration::bootstrap(&opened).await?;
        opened
    } else {
        open_existing(&arguments.open).await?
    };
    let password = Password::obtain(&opened, arguments.password.password_stdin)?;
    let realm = arguments.password.realm.clone();
    user::create(&opened.admin(), &realm, representation(arguments, &password)).await?;
    output::note(format!("the user is made in realm {realm}"));
    password.show()
}

fn representation(arguments: CreateArgs, password: &Password) -> UserRepresentation {
    let credential = CredentialRepresentation {
        r#type: Some("password".to_owned()),
        value: Some(password.value()),
        temporary: Some(arguments.password.temporary),
        ..Default::default()
    };
    let (mut realm_roles, mut client_roles) = (arguments.roles, BTreeMap::new());
    if arguments.admin && arguments.password.realm == MASTER {
        realm_roles.push("admin".to_owned());
    } else if arguments.admin {
        client_roles.insert("realm-management".to_owned(), vec!["realm-admin".to_owned()]);
    }
    UserRepresentation {
        username: Some(arguments.username),
        enabled: Some(true),
        email: arguments.email,
        email_verified: Some(false),
        first_name: arguments.first_name,
        last_name: arguments.last_name,
        realm_roles: Some(realm_roles),
        client_roles: Some(client_roles),
        credentials: Some(vec![credential]),
        ..Default::default()
    }
}

async fn set_password(arguments: SetPasswordArgs) -> anyhow::Result<()> {
    let opened = open_existing(&arguments.open).await?;
    let password = Password::obtain(&opened, arguments.password.password_stdin)?;
    let duration = if arguments.password.temporary { Duration::OneSignIn } else { Duration::UntilChanged };
    let (context, realm) = (opened.admin(), &arguments.password.realm);
    user::set_password(&context, realm, &arguments.username, password.value(), duration).await?;
    output::note("the password is set");
    password.show()
}
