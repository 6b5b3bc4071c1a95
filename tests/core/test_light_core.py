import subprocess
import sys

HEAVY = (
    "numpy",
    "pyarrow",
    "pydantic",
    "yaml",
    "typer",
    "rich",
    "anyascii",
    "pandas",
    "polars",
    "duckdb",
    "sqlglot",
    "sqlalchemy",
    "pymysql",
    "adbc_driver_manager",
    "fastapi",
    "uvicorn",
    "dbos",
    "nicegui",
    "prometheus_client",
    "jwt",
    "pyspark",
    "py4j",
    "deltalake",
    "boto3",
    "functions_framework",
    "azure",
    "openlineage",
    "openai",
    "mcp",
    "model2vec",
    "opentelemetry",
    "jinja2",
)


def loaded(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(result.stdout.splitlines()) & set(HEAVY)


def test_importing_faasera_loads_nothing():
    assert loaded("import faasera") == set()


def test_help_loads_no_engine():
    code = "sys.argv = ['faasera', '--help']\nfrom faasera.frontends.cli import app\ntry:\n    app()\nexcept SystemExit:\n    pass"
    assert loaded(code) <= {"typer", "rich"}


def test_public_names_are_all_there():
    import faasera

    assert all(getattr(faasera, name) is not None for name in faasera.__all__)
