"""Tables that are not the application's: which migration of it a database is at, and what modules keep for themselves."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from faasera.databases.structure import Structure, TableStructure
from faasera.schema.creation import MARK

MIGRATIONS = "the tool that migrates the schema"
_NAMED = re.compile(
    r"schema_migrations|ar_internal_metadata|data_migrations|flyway_schema_history|alembic_version|knex_migrations(_lock)?"
    r"|_prisma_migrations|__efmigrationshistory|__migrationhistory|django_migrations|south_migrationhistory|databasechangelog(lock)?"
    r"|goose_db_version|doctrine_migration_versions|migration_versions|typeorm_metadata|sequelizemeta|sequelizedata|phinxlog|\w+_phinxlog"
    r"|__diesel_schema_migrations|_sqlx_migrations|_sqlx_test|refinery_schema_history|__drizzle_migrations|mikro_orm_migrations|pgmigrations"
    r"|gorp_migrations|atlas_schema_revisions|play_evolutions(_lock)?|_yoyo_\w+|yoyo_lock|migrate_version|kysely_migration(_lock)?"
    r"|bun_migrations|bun_migration_locks|effect_sql_migrations|ragtime_migrations|darwin_migrations|evolve_changelog|schema_seeds"
)
"""Names that nobody gives to anything else, in small letters."""
_LIKELY: Mapping[str, tuple[frozenset[str], ...]] = {
    "migrations": (frozenset({"migration", "batch"}), frozenset({"timestamp", "name"}), frozenset({"name", "run_on"})),
    "migrations_lock": (frozenset({"is_locked"}),),
    "schema_version": (frozenset({"installed_rank"}), frozenset({"version"})),
    "schema_info": (frozenset({"version"}),),
    "schemaversions": (frozenset({"scriptname", "applied"}),),
    "versioninfo": (frozenset({"version", "appliedon"}),),
    "changelog": (frozenset({"version", "checksum", "installed_by"}), frozenset({"change_number", "complete_dt"})),
    "aerich": (frozenset({"version", "app", "content"}),),
    "migratehistory": (frozenset({"name", "migrated_at"}),),
    "gopg_migrations": (frozenset({"version", "created_at"}),),
}
"""Names that others may have, too, with the columns that tell which it is."""
_MOST_COLUMNS = 3
_SCHEMAS = {"sqitch": MIGRATIONS, "hdb_catalog": "Hasura", "drizzle": MIGRATIONS}


def without_reserved(structure: Structure) -> Structure:
    """The same structure, with what is not the application's named apart."""
    found = {one.name: MIGRATIONS for one in structure if _of_migrations(one)}
    found |= {
        one.name: _SCHEMAS[schema] for one in structure if (schema := one.name.rpartition(".")[0].lower()) in _SCHEMAS
    }
    if not found:
        return structure
    tables = {name: table for name, table in structure.tables.items() if name not in found}
    return replace(structure, tables=tables, reserved={**structure.reserved, **found})


def _of_migrations(table: TableStructure) -> bool:
    if table.comment and MARK in table.comment:
        return False
    name = table.name.rpartition(".")[2].lower()
    if _NAMED.fullmatch(name):
        return True
    columns = {column.name.lower() for column in table.columns}
    # What says a version alone has nothing else to say.
    return any(
        known <= columns and (len(known) > 1 or len(columns) <= _MOST_COLUMNS or known != {"version"})
        for known in _LIKELY.get(name, ())
    )


def told(reserved: Mapping[str, str]) -> Iterable[str]:
    """A sentence for each owner of such tables."""
    owners: dict[str, list[str]] = {}
    for name, owner in reserved.items():
        owners.setdefault(owner, []).append(name)
    for owner, names in owners.items():
        yield f"{', '.join(sorted(names))}: left alone, as {'it belongs' if len(names) == 1 else 'they belong'} to {owner}"
