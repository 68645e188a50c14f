login-title = Sign in
    .failed = Sign-in did not work
    .locked = Sign-in is paused
login-question = Sign in to { $realm }

login-from = <b>{ $client }</b> sent you here. You go back there after you sign in.
    .host = <b>{ $client }</b> ({ $host }) sent you here. You go back there after you sign in.

login-username = Username or email
login-password = Password
login-remember = Keep me signed in
login-submit = Sign in

# The same words for an unknown name and for a wrong password.
login-mismatch = That name and password do not match.
    .advice = Check both and try again.
    .field = Not accepted together with this name.
login-missing-field = Both fields are needed.
    .advice = Type the name and the password, then sign in.
    .field = Empty. Fill this in.
login-account-problem = The password is right, but this account cannot sign in.
    .advice = It is disabled, or something must be set up first, such as a new password. Ask your administrator.
login-reauthenticate = Sign in once more.
    .advice = The app wants to be sure that it is still you.

login-locked = Sign-in with this name is paused until { $until } UTC
    .why = There were too many wrong passwords in a row. The pause protects the account against guessing; the right password will not work before { $until } UTC either.
    .rule = Brute force detection
    .same = This page looks the same whether or not the account exists.
    .again = Sign in again, or with another name
login-locked-can = What you can do
    .wait = Wait until { $until } UTC, then sign in again.
    .report = If it was not you, tell your administrator.
