//! What another role plants in the database runs under its own rights and never under ours (CVE-2018-1058).

use newleaf::postgres::session::Session;
use rotation::document::Database;
use rotation::engine::material::Slot;

use crate::stage::{LIMIT, Stage};
use crate::support::load::login;

/// Functions, operators, casts and tables that stand in front of PostgreSQL's own for every name that a query of ours could
/// mean, if the search path were the one of the role or the database. Each makes their owner a superuser.
const PLANTED: &str = "
    CREATE FUNCTION public.evil() RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN ALTER ROLE mallory SUPERUSER; RETURN true; END $$;
    CREATE FUNCTION public.evil_pair(anyelement, anyelement) RETURNS boolean LANGUAGE sql AS $$ SELECT public.evil() $$;
    CREATE FUNCTION public.evil_product(numeric, integer) RETURNS numeric LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.evil(); RETURN 1; END $$;
    CREATE OPERATOR public.* (LEFTARG = numeric, RIGHTARG = integer, FUNCTION = public.evil_product);
    CREATE FUNCTION public.evil_oid(oid, integer) RETURNS boolean LANGUAGE sql AS $$ SELECT public.evil() $$;
    CREATE OPERATOR public.<> (LEFTARG = oid, RIGHTARG = integer, FUNCTION = public.evil_oid);
    CREATE FUNCTION public.evil_integer(integer, integer) RETURNS boolean LANGUAGE sql AS $$ SELECT public.evil() $$;
    CREATE OPERATOR public.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = public.evil_integer);
    CREATE OPERATOR public.<> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = public.evil_integer);
    CREATE FUNCTION public.evil_text(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT public.evil() $$;
    CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.evil_text);
    CREATE FUNCTION public.left(text, integer) RETURNS text LANGUAGE sql AS $$ SELECT public.evil()::text $$;
    CREATE FUNCTION public.encode(bytea, text) RETURNS text LANGUAGE sql AS $$ SELECT public.evil()::text $$;
    CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT convert_to(public.evil()::text, 'UTF8') $$;
    CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT public.evil()::text $$;
    CREATE FUNCTION public.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT public.evil()::text $$;
    CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.evil(); RETURN pg_catalog.now(); END $$;
    CREATE FUNCTION public.pg_backend_pid() RETURNS integer LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.evil(); RETURN 1; END $$;
    CREATE FUNCTION public.pg_reload_conf() RETURNS boolean LANGUAGE sql AS $$ SELECT public.evil() $$;
    CREATE FUNCTION public.pg_conf_load_time() RETURNS timestamptz LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.evil(); RETURN pg_catalog.now(); END $$;
    CREATE VIEW public.pg_stat_ssl AS SELECT public.evil() AS ssl, s.pid, s.client_dn, s.client_serial, s.issuer_dn
        FROM pg_catalog.pg_stat_ssl s;
    CREATE VIEW public.pg_stat_activity AS SELECT a.*, public.evil() AS planted FROM pg_catalog.pg_stat_activity a;
    CREATE TYPE public.text AS (planted boolean);
";

#[tokio::test]
async fn what_another_role_plants_in_the_database_never_runs_as_ours() {
    let Some(stage) = Stage::set().await else { return };
    let files = stage.place.directory.join("client");
    let superuser = login(&stage.server.database(), &files, "setup").await.expect("the client can log in");
    // As every database was made before PostgreSQL 15, and as its owner may make it since.
    let prepare = "CREATE ROLE mallory LOGIN; CREATE DATABASE shared OWNER mallory;";
    for statement in prepare.split_inclusive(';') {
        superuser.client.batch_execute(statement).await.expect("a superuser may");
    }
    let shared = Database { name: "shared".to_owned(), ..stage.server.database() };
    let owner = login(&shared, &files, "setup").await.expect("the client can log in");
    owner.client.batch_execute("GRANT ALL ON SCHEMA public TO mallory; SET ROLE mallory;").await.expect("it may");
    owner.client.batch_execute(PLANTED).await.expect("the owner of a database may make all of this");
    let settings =
        "ALTER DATABASE shared SET search_path = public, pg_catalog; ALTER DATABASE shared SET role = mallory;";
    owner.client.batch_execute(settings).await.expect("the owner of a database may set this");

    let stored = stage.stored().await.0;
    let client = &stored.stored(Slot::Client).expect("it is stored").material;
    let session = Session::open(&stage.server.endpoint(), &shared, client, LIMIT).await.expect("newleaf can log in");
    let look = session.look().await.expect("it may look");
    assert_eq!(look.user, "postgres", "the session stays the role that logged in");
    assert!(look.backends.iter().any(|backend| backend.application.as_str() == "setup"), "{:?}", look.backends);
    session.files().await.expect("a superuser may read the files");
    session.reload().await.expect("a superuser may reload");
    session.close().await;

    let query = "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = 'mallory'";
    let row = superuser.client.query_one(query, &[]).await.expect("the role is there");
    assert!(!row.get::<_, bool>(0), "mallory has become a superuser");

    // The plants are alive: a session that minds neither search path nor role runs them.
    let careless = login(&shared, &files, "careless").await.expect("the client can log in");
    careless.client.batch_execute("SET ROLE NONE; SELECT 1.5 * 2").await.expect("the planted operator runs");
    let row = superuser.client.query_one(query, &[]).await.expect("the role is there");
    assert!(row.get::<_, bool>(0), "what was planted does nothing, so this test shows nothing");
}

#[tokio::test]
async fn sessions_that_a_role_may_not_see_are_counted_and_not_taken_for_none() {
    let Some(mut stage) = Stage::set().await else { return };
    let files = stage.place.directory.join("client");
    let other = login(&stage.server.database(), &files, "of another role").await.expect("the client can log in");
    stage.plain_role("plain").await;
    let (snapshot, _) = stage.stored().await;
    let client = &snapshot.stored(Slot::Client).expect("it is stored").material;
    let database = stage.database.clone().expect("it is configured");
    let session = Session::open(&stage.server.endpoint(), &database, client, LIMIT).await.expect("it may log in");
    let look = session.look().await.expect("it may look");
    assert_eq!((look.backends.len(), look.hidden), (0, 1), "{look:?}");
    drop(other);
}
