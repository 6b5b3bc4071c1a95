"""Every problem has a word and a number: what brings it about, and what to do.

Numbers are given in the order of this list and never change: new ones go to its end.
"""

from dataclasses import dataclass
from functools import cache

_LISTED = """
policy-unreadable | The policy's file or URL cannot be read. | Correct the path and its permissions; faasera init DIR writes one.
policy-syntax | The policy is no JSON or YAML. | Correct the place that the message names.
policy-encoding | The policy is not UTF-8. | Save the file as UTF-8.
policy-too-large | The policy has more bytes than one may have. | Move long lists of values into seed files.
policy-too-deep | The policy is nested too deeply. | Flatten it.
policy-not-an-object | The policy is JSON, and no object. | Wrap it in { … }.
unknown-key | A key is not known where it stands, or an argument. | Take the nearest one that the message proposes.
missing-key | A key is missing. | Add it.
duplicate-key | A key is written twice in one object. | Keep one of them.
wrong-type | A value has another JSON type than its key wants. | Change the value's type.
bad-value | A value cannot be used. | Correct it as the message says.
unknown-value | A value is none of those that a key knows. | Take one of those.
not-available-yet | A key of the reference that this version does not offer. | Remove it.
no-effect | A setting has no effect where it stands. | Remove it, or add what it belongs to.
exclusive-keys | Keys exclude each other, or one of several is needed. | Give exactly one of them.
unknown-type | There is no such generation type. | See faasera catalog.
unknown-data-type | There is no such data type. | See the policy reference, data types.
data-type | A rule makes another data type than was asked for. | Change the rule or its dataType.
no-tables | There are no tables, or none that is meant. | Add or name one.
no-columns | A table has no column that is written. | Add one, or show a hidden one.
duplicate-table | Two tables have one name; upper and lower case count as the same. | Rename one of them.
duplicate-column | Two columns differ only in case. | Rename one of them.
duplicate-check | Two checks have one name. | Rename one of them.
reserved-name | A name belongs to the engine. | Choose another.
unknown-table | There is no such table. | Take the nearest one that the message proposes.
unknown-column | There is no such column. | Take the nearest one that the message proposes.
unknown-parent | A path names no parent of the table. | Name a foreign key or its table.
ambiguous-lookup | A table refers to a parent in more than one way. | Name the foreign key's column instead of the table.
optional-parent | A row may have no parent, and nothing says what it gets then. | Give a default.
not-a-child | A table is no child whose rows this one decides. | Give it a foreign key with childrenPerParent.
no-siblings | Rows have no siblings to tell apart. | Give a foreign key childrenPerParent.
no-parents | Rows need parents, and there are none that fit. | Give the parent rows, or let the reference be null.
foreign-key | A foreign key does not fit what it refers to. | Refer to a key with as many columns.
forest | A table's reference to itself cannot have that shape. | Change roots, maxDepth or branching.
shared-columns | Foreign keys share columns in a way that cannot be kept. | Let them agree, or give them columns of their own.
key | A key names too few columns, or one twice. | Name each column once.
key-null | A column of a key may be null. | Remove nullFraction.
key-conflict | A column belongs to two unique tuples that cannot both hold. | Drop one of them.
not-unique | Nothing makes a column unique. | Make it a SEQUENCE, or give it a range or a pattern.
domain-too-small | More unique values are asked for than there are. | Ask for fewer rows, or give the columns more values.
unique-with-cases | A column with cases cannot be kept unique. | Drop when, or take it out of its key.
unique-in-group | A unique value cannot agree with the others of its group. | Give it a locale or a group of its own.
unique-shaped | A unique column cannot follow a distribution. | Remove one of them.
row-count | A number of rows cannot be used. | Write 10000, 10k or 2.5M, within the limits.
cycle | Columns, tables or row counts depend on one another in a circle. | Break it at one place.
check-not-honoured | Too few rows meet a check. | Loosen it, or let the rules meet it by themselves.
expression | An expression cannot be understood, or fails on a row. | Correct it; see faasera catalog for functions.
template | A template cannot be understood. | Name columns in { … }.
template-filter | There is no such filter. | See faasera catalog.
pattern | A pattern cannot be generated from. | Change it.
alphabet | An alphabet names a character twice. | Name each once.
range | A range is empty or of the wrong type. | Correct its ends.
overflow | Values do not fit their data type. | Use a wider type, or a smaller range.
max-length | Texts are longer than maxLength allows. | Shorten the pattern, or raise it.
date-end | The end of a date range is no date, column or duration. | Write 2026-01-31, {column} + P30D or asOf - P1Y.
date-format | A format of dates is none of strftime. | Write for example %d.%m.%Y.
date-order | A date range ends before it begins. | Let it end later, or relative to its start.
weekdays | A range has none of the weekdays that are asked for. | Widen it, or allow more days.
distribution-type | A distribution does not fit the values. | Take another one.
distribution-outside | Almost all of a distribution lies outside of the range. | Move its mean, or widen the range.
histogram | A histogram's edges and weights do not fit. | Give one edge more than weights, in order.
weights | Weights are not one for each value, or sum to nothing. | Correct them.
correlation | Correlations cannot all hold. | Lower them, or use other distributions.
seed-source | A list has no source, or several. | Give one of seedFileName, values and semanticType.
seed-directory | The folder of seed files is not there, or not allowed. | Create it, or correct the path.
seed-file-missing | There is no such seed file. | Take the nearest one that the message proposes.
seed-file-outside | A seed file is outside of the seed directory. | Put it inside.
seed-file-empty | A seed file has no values. | Add one.
seed-file-encoding | A seed file is not UTF-8. | Save it as UTF-8.
seed-file-header | A seed file's header names a column twice. | Rename one of them.
seed-file-large | A seed file is larger than one may be. | Use a shorter list.
seed-file-ragged | A line of a seed file has more or fewer columns. | Correct the line, or name the separator.
seed-file-unreadable | A seed file cannot be read. | Check its permissions.
seed-column | A seed file has no such column. | Name one with column.
group-shape | Columns of a group are drawn by different weights. | Give them the same.
personal-data | Values look like real personal data. | Use invented ones, or state their provenance.
unknown-locale | There is no such locale. | Take the nearest one that the message proposes.
not-in-locale | A locale has no values of that kind. | Name a locale that has.
unknown-semantic-type | There is no such semantic type. | See faasera catalog.
cannot-infer | A column's name does not say what it holds. | Give it a semanticType, a dataType or a range.
not-safe | Values of a provider of Faker may be real ones. | Use a semantic type.
deny-list | A value of the deny list came up. | Take it out of the list that it comes from.
fpe-source | A value cannot be encoded in that form. | Correct the source, the alphabet or the pattern.
bad-fpe-key | A key of encryption is none. | Use 32, 48 or 64 hexadecimal digits.
missing-fpe-key | A key of encryption is not there. | Set the variable, or write the file.
unknown-key-id | fpeKeys has no such key. | Take the nearest one that the message proposes.
key-source | A key's place is none that may be named. | Name one variable or one file.
key-not-portable | A key cannot travel to other machines. | Give it by a variable that each of them has.
file-format | A file is of no format that can be read here. | Use one of those that the message names.
file-key | Columns of a file are no key. | Correct the file, or name others.
file-unreadable | A file cannot be read. | Correct it.
missing-extra | A package of an optional extra is not installed. | Install it as the message says.
missing-package | A package is not installed. | Install it as the message says.
bad-option | An option's value cannot be used. | Correct it as the message says.
unknown-option | There is no such option. | Take the nearest one that the message proposes.
missing-option | An option is needed. | Give it.
exclusive-options | Options exclude each other. | Give one of them.
unknown-format | There is no such format. | See faasera catalog.
unknown-mode | There is no such mode. | Use fail, append, truncate or replace.
unknown-entry | The catalog has no such entry. | Take the nearest one that the message proposes.
target | Nothing, or too much, says where rows go. | Give exactly one of --out and --to.
offset | A table has no such row. | Use a smaller offset.
output-exists | There is output already. | Choose another place, or overwrite it.
output-busy | Another run writes there. | Wait for it, or choose another place.
output-unwritable | A place cannot be written. | Check the path and its permissions.
output-failed | Writing failed; nothing was kept. | Check the place and its rights.
output-not-allowed | A place is none that may be written here. | Write below one that is allowed.
disk-full | The disk is full; nothing was kept. | Free some space, or write elsewhere.
size-limit | The output is larger than a job may make. | Ask for fewer rows, or a smaller format.
no-manifest | A place has no manifest of this program. | Name what faasera generate --out wrote.
no-policy | A database does not say which policy filled it. | Add --policy FILE.
storage-url | A URL names no place of files, or holds a secret. | Write s3://bucket/folder, gs://… or abfs://….
storage-missing | There is no such bucket or folder. | Create it, or correct the name.
storage-denied | An object store denies access. | Give credentials as the message says.
storage-unreachable | An object store does not answer. | Check the address and the network.
connection | A connection's settings cannot be used. | Correct connections.toml or the variable.
unknown-connection | There is no such connection. | Define it, or correct the name.
password-in-call | A URL has a password where others can read it. | Give it by a variable or the driver's file.
unknown-database | Rows cannot be written to such a database. | Use PostgreSQL, MySQL, MariaDB, SQLite or DuckDB.
database-unreachable | A database cannot be opened. | Check host, port, user, password and name.
database-failed | A database refused; nothing was kept. | Correct what it names, and run again.
target-not-empty | Tables have rows already. | Add --mode append, truncate or replace.
target-differs | A table is other than the policy wants it. | Change one of them.
target-in-use | Another table refers to rows that would go. | Load both, or drop that foreign key.
unknown-source | Nothing that can be imported. | Name a database, a file or a folder.
source-unreadable | A source cannot be read. | Check it, and its permissions.
unknown-dialect | There is no such dialect of SQL. | Take one of those that the message names.
sql-syntax | DDL cannot be understood. | Correct it, or say --dialect.
document-syntax | A schema document cannot be understood. | Correct it there.
event | An event cannot be understood, or is too large. | See docs/functions.md.
engine-mismatch | Another version planned the run. | Deploy one version everywhere.
other-run | What is there belongs to another run. | Run all shards with the same policy and options.
row-range | A table has no such rows. | Name rows that it has.
shards-missing | Rows of a run are missing. | Run these shards, and commit again.
shards-overlap | Rows of a run are there twice. | Plan once, and run those shards.
parcel-damaged | What another process was sent is damaged. | Plan again.
queue-refused | A queue took no messages. | Check its name and the rights.
delta-type | Delta has no such type. | Use another type, or write Parquet.
delta-failed | A Delta log cannot be written. | Check the place and its rights.
spark-unavailable | There is no Spark session. | Install faasera[spark] and Java, or correct --master.
spark-job-failed | An executor failed. | See its log.
schema-mismatch | A schema that is given is not that of the policy. | Leave it out.
too-many-parents | There are more parents than executors can be told of. | Ask for fewer.
too-many-rows | More rows are asked for than are made here at once. | Ask for fewer.
too-many-tables | A policy has more tables than are allowed here. | Use fewer.
address-unusable | An address cannot be listened on. | Choose another --host or --port.
data-busy | Another server uses the data folder. | Stop it, or choose another.
data-of-another | The data folder belongs to another database. | Use the folder that goes with it.
data-unusable | The data folder cannot be used. | Choose another --data.
database-unusable | The service's database cannot be used. | Look after it.
database-version | A newer version made the service's database. | Use that version.
setting-missing | A setting needs another one. | Give both.
jobs-stopped | The server takes no jobs. | Start it again.
task-died | A job's process ended early. | See the log; ask for less.
time-limit | A job ran longer than it may. | Ask for fewer rows.
memory-limit | A job needed more memory than it may have. | Ask for less.
internal-error | A mistake of ours. | Tell us what the log says.
bad-json | A request's body is no JSON. | Correct the syntax.
bad-request | A request cannot be understood. | See /api/v1/openapi.json.
media-type | A body of this kind is not read. | Send JSON as it is.
too-large | A request is too large. | Send less.
request-timeout | A request did not arrive in time. | Send it faster, or in parts.
too-many-requests | Too many calls in too short a time. | Wait as long as the answer says.
unknown-path | There is no such path. | See /api/v1/openapi.json.
unknown-method | A path does not know the method. | See /api/v1/openapi.json.
no-key | A call has no key. | Send Authorization: Bearer KEY.
bad-key | A key is unknown or revoked. | Ask an admin for one.
bad-token | A token is not accepted. | Sign in again.
bad-link | A link is not valid any more. | Load the page again.
bad-cursor | A cursor is none of ours. | Begin with the first page.
bad-name | A name cannot be used. | Use letters, digits, - and _.
name-taken | A name is taken. | Choose another.
role-too-small | A key's role does not allow it. | Ask an admin for another key.
unknown-role | There is no such role. | Use viewer, author, operator or admin.
unknown-state | There is no such state of jobs. | Take one of those that the message names.
unknown-kind | There is no such kind of thing. | Take one of those that the message names.
unknown-job | There is no such job. | Correct its name.
unknown-policy | There is no such policy. | Take the nearest one that the message proposes.
unknown-version | A policy has no such version. | Take one that it has.
unknown-artifact | A job has no such file. | Take the nearest one that the message proposes.
unknown-seed-file | There is no such seed file in the project. | Take the nearest one that the message proposes.
bad-seed-file | A seed file cannot be kept. | Correct it as the message says.
policy-missing | A call names no policy, or two. | Give exactly one of policy and policyName.
policy-exists | There is a policy of that name already. | Change it, or choose another name.
policy-changed | Somebody else changed the policy. | Get it, and try again.
source-missing | A call names no source. | Give one.
idempotency-key-reused | An idempotency key was used for another call. | Use a new one.
job-not-done | A job has no results yet, or never will. | Wait for SUCCESS.
job-not-ended | A job has not ended. | Wait, or cancel it.
job-over | A job is over. | Only jobs that wait or run can be cancelled.
artifacts-removed | A job's files were removed after their time. | Run the policy again.
no-check | A job was not asked to check. | Ask with check: true.
no-profile | A job was not asked to check. | Ask with check: true.
no-report | A job was not asked to check. | Ask with check: true.
not-allowed | Something may not be done here. | Do it where it is allowed, as the message says.
lineage-config | OpenLineage's configuration cannot be used. | Correct openlineage.yml or its variables.
signing-key | There is no key to sign or verify with. | Make one: faasera manifest keygen FILE.
not-signed | A manifest was never signed. | Sign it: faasera manifest sign DIR --key FILE.
files-missing | Files of a manifest are gone. | Generate the output again.
nothing-in-common | An output and a source have no table or column in common. | Compare with data of the same tables.
hints-missing | A column waits for suggestions. | Run faasera hints POLICY, or describe the column.
hints-file | A file of hints is not what faasera hints writes. | Correct it, or run faasera hints again.
embedding-model | An embedding model cannot be loaded. | Name a folder with one in FAASERA_EMBEDDING_MODEL.
ai-settings | A model is needed or half configured. | Set FAASERA_AI_BASE_URL and FAASERA_AI_MODEL.
ai-unavailable | A model gave no answer. | Check the endpoint, or unset it to match offline.
ai-limit | A limit of tokens or cost is reached. | Raise it, or ask for fewer columns.
not-in-drafts | A drafted policy names files, keys or connections. | List invented values instead.
promise-broken | A sample of a draft breaks a promise. | Correct the rule.
comparison-failed | Real data could not be compared, mostly for want of memory. | Compare fewer tables at once.
reserved-table | A table belongs to an extension, a migration tool or a module of the database. | Take it out of the policy.
target-is-source | Rows of the database that the policy was imported from would go. | Choose another target, or say --overwrite-source.
triggers-stay | A database does not let triggers be disabled. | Leave out --disable-triggers, or disable them yourself.
rights-missing | Whoever asks lacks rights on tables. | Grant them, or ask as somebody else.
schema-changing | A schema changed again and again while it was read. | Wait until it is migrated.
"""


@dataclass(frozen=True)
class Code:
    """A kind of problem.

    Attributes:
        word: in messages and for programs.
        number: ``F001`` and so on; never changes.
        cause: what brings it about.
        remedy: what to do.
    """

    word: str
    number: str
    cause: str
    remedy: str


@cache
def codes() -> dict[str, Code]:
    """All kinds of problems by their words, in the order of their numbers."""
    made = {}
    for place, line in enumerate(_LISTED.strip().splitlines(), start=1):
        word, cause, remedy = (part.strip() for part in line.split("|"))
        made[word] = Code(word, f"F{place:03d}", cause, remedy)
    return made


def number_of(word: str) -> str:
    """The number of a kind of problem; empty for one that a plug-in brings.

    >>> number_of("unknown-key")
    'F007'
    """
    found = codes().get(word)
    return found.number if found is not None else ""
