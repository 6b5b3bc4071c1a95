"""What the service remembers, in SQLite or PostgreSQL. Times are seconds since 1970, UTC."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

VERSION = "1"
metadata = MetaData()

facts = Table(
    "faasera_facts", metadata, Column("name", String(64), primary_key=True), Column("value", Text, nullable=False)
)

keys = Table(
    "faasera_keys",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("name", String(63), nullable=False),
    Column("project", String(63), nullable=False),
    Column("role", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("created", Float, nullable=False),
    Column("revoked", Float),
)

policies = Table(
    "faasera_policies",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("name", String(63), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("created", Float, nullable=False),
    Column("author", String(200), nullable=False),
)

jobs = Table(
    "faasera_jobs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(20), nullable=False, unique=True),
    Column("project", String(63), nullable=False),
    Column("key", String(200), nullable=False),
    Column("author", String(200), nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("ticket", Integer, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("finished", Float),
    Column("policy_name", String(63)),
    Column("policy_version", Integer),
    Column("policy", JSON, nullable=False),
    Column("request", JSON, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("progress", JSON),
    Column("summary", JSON),
    Column("problems", JSON),
    Column("size", BigInteger),
    Column("removed", Float),
    Column("server", String(64)),
    Column("token", String(255)),
    Column("fingerprint", String(64)),
    UniqueConstraint("project", "key", "token"),
    Index("faasera_jobs_by_project", "project", "number"),
    Index("faasera_jobs_by_state", "state"),
)

audit = Table(
    "faasera_audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("time", Float, nullable=False),
    Column("project", String(63), nullable=False),
    Column("key", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("outcome", String(40), nullable=False),
)

servers = Table(
    "faasera_servers", metadata, Column("id", String(64), primary_key=True), Column("seen", Float, nullable=False)
)
