-- A multi-tenant application: the customary layout of such services, with composite keys that carry the tenant.
CREATE TABLE tenants (
  id :id, slug varchar(40) NOT NULL, name varchar(100) NOT NULL, plan :enum('free','team','business') NOT NULL, settings :json, created_at :timestamp NOT NULL,
  PRIMARY KEY (id), UNIQUE (slug),
@postgres   CHECK (slug ~ '^[a-z][a-z0-9-]{2,38}$'),
  CHECK (length(name) BETWEEN 2 AND 100)
);
CREATE TABLE users (
  tenant_id integer NOT NULL, id integer NOT NULL, email varchar(120) NOT NULL, "Display Name" varchar(80) NOT NULL, "order" smallint,
  locale varchar(5) NOT NULL DEFAULT 'en_US', failed_logins integer NOT NULL DEFAULT 0, uuid :uuid NOT NULL, created_at :timestamp NOT NULL, deleted_at :timestamp,
@postgres   roles text[] NOT NULL CHECK (cardinality(roles) <= 5),
@duckdb   roles varchar[] NOT NULL,
@mysql,sqlite   roles :json NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (uuid),
@mysql,duckdb   UNIQUE (tenant_id, email),
  CHECK (failed_logins >= 0 AND failed_logins < 10),
  CHECK (deleted_at IS NULL OR deleted_at > created_at),
  FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);
@postgres CREATE UNIQUE INDEX users_email ON users (tenant_id, lower(email)) WHERE deleted_at IS NULL;
@sqlite CREATE UNIQUE INDEX users_email ON users (tenant_id, email) WHERE deleted_at IS NULL;
CREATE TABLE teams (
  tenant_id integer NOT NULL, id integer NOT NULL, name varchar(60) NOT NULL, owner_id integer NOT NULL, parent_id integer,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name),
  FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id)
);
CREATE TABLE memberships (
  tenant_id integer NOT NULL, user_id integer NOT NULL, team_id integer NOT NULL, role :enum('owner','member','guest') NOT NULL, joined_on date NOT NULL, left_on date,
  PRIMARY KEY (tenant_id, user_id, team_id),
  CHECK (left_on IS NULL OR left_on >= joined_on),
  CHECK ((role <> 'owner') OR (left_on IS NULL)),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
  FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id)
);
CREATE TABLE projects (
  id bigint NOT NULL, tenant_id integer NOT NULL, "key" varchar(8) NOT NULL, title varchar(120) NOT NULL, budget numeric(12,2), spent numeric(12,2) NOT NULL DEFAULT 0,
  starts_on date NOT NULL, ends_on date, is_archived boolean NOT NULL DEFAULT false,
@postgres,mysql,sqlite   remaining numeric(12,2) GENERATED ALWAYS AS (budget - spent) :stored,
  PRIMARY KEY (id),
  UNIQUE (tenant_id, "key"),
  UNIQUE (tenant_id, id),
  CHECK (budget IS NULL OR spent <= budget),
  CHECK (spent >= 0),
  CHECK (ends_on > starts_on),
  FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);
CREATE TABLE tasks (
  id bigint NOT NULL, tenant_id integer NOT NULL, project_id bigint NOT NULL, parent_id bigint, assignee_id integer, title varchar(200) NOT NULL,
  status :enum('todo','doing','done','cancelled') NOT NULL, priority smallint NOT NULL CHECK (priority BETWEEN 1 AND 5), estimate_hours numeric(5,1),
  done_at :timestamp, reason varchar(100),
  PRIMARY KEY (id),
  CONSTRAINT done_has_time CHECK ((status = 'done' AND done_at IS NOT NULL) OR (status <> 'done' AND done_at IS NULL)),
  CONSTRAINT cancelled_has_reason CHECK (status <> 'cancelled' OR reason IS NOT NULL),
  CHECK (estimate_hours IS NULL OR (estimate_hours > 0 AND estimate_hours <= 400)),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id),
  FOREIGN KEY (tenant_id, assignee_id) REFERENCES users (tenant_id, id),
  FOREIGN KEY (parent_id) REFERENCES tasks (id)
);
CREATE TABLE comments (
  id bigint NOT NULL, task_id bigint, project_id bigint, author varchar(60) NOT NULL, body text NOT NULL, created_at :timestamp NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT one_subject CHECK ((task_id IS NULL AND project_id IS NOT NULL) OR (task_id IS NOT NULL AND project_id IS NULL)),
  FOREIGN KEY (task_id) REFERENCES tasks (id), FOREIGN KEY (project_id) REFERENCES projects (id)
);
CREATE TABLE subscriptions (
  id :id, tenant_id integer NOT NULL, state :enum('active','past','trial') NOT NULL, seats integer NOT NULL CHECK (seats > 0), price numeric(8,2) NOT NULL, started_on date NOT NULL,
  PRIMARY KEY (id),
  CHECK (state <> 'trial' OR price = 0 OR price < 10),
  FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);
@postgres,sqlite CREATE UNIQUE INDEX one_active ON subscriptions (tenant_id) WHERE state = 'active';
CREATE TABLE api_keys (
  id :id, tenant_id integer NOT NULL, user_id integer NOT NULL, prefix char(8) NOT NULL, hash :blob NOT NULL, scopes varchar(200) NOT NULL, last_used_at :timestamp,
  PRIMARY KEY (id), UNIQUE (prefix),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE TABLE follows (
  follower_id bigint NOT NULL, followed_id bigint NOT NULL, since date NOT NULL,
  PRIMARY KEY (follower_id, followed_id),
  FOREIGN KEY (follower_id) REFERENCES projects (id), FOREIGN KEY (followed_id) REFERENCES projects (id)
);
