-- A lending library: import it, and fill a database with it.
CREATE TABLE authors (
  author_id integer PRIMARY KEY,
  first_name varchar(40) NOT NULL,
  last_name varchar(40) NOT NULL,
  born date,
  died date,
  CHECK (died > born)
);

CREATE TABLE books (
  book_id integer PRIMARY KEY,
  author_id integer NOT NULL REFERENCES authors (author_id),
  title varchar(80) NOT NULL,
  isbn char(13) NOT NULL UNIQUE,
  pages smallint CHECK (pages BETWEEN 8 AND 2000),
  genre varchar(12) NOT NULL CHECK (genre IN ('novel', 'poetry', 'history', 'science'))
);

CREATE TABLE copies (
  book_id integer NOT NULL REFERENCES books (book_id),
  copy_no smallint NOT NULL CHECK (copy_no BETWEEN 1 AND 20),
  shelf varchar(6) NOT NULL,
  PRIMARY KEY (book_id, copy_no)
);

CREATE TABLE members (
  member_id integer PRIMARY KEY,
  full_name varchar(80) NOT NULL,
  email varchar(60) NOT NULL UNIQUE,
  city varchar(40),
  joined date NOT NULL,
  referred_by integer REFERENCES members (member_id)
);

CREATE TABLE loans (
  loan_id integer PRIMARY KEY,
  member_id integer NOT NULL REFERENCES members (member_id),
  book_id integer NOT NULL,
  copy_no smallint NOT NULL,
  status varchar(8) NOT NULL CHECK (status IN ('out', 'returned', 'lost')),
  lent_on date NOT NULL,
  due_on date NOT NULL,
  returned_on date,
  fee decimal(6, 2) NOT NULL DEFAULT 0 CHECK (fee >= 0),
  FOREIGN KEY (book_id, copy_no) REFERENCES copies (book_id, copy_no),
  CHECK (due_on >= lent_on),
  CHECK (returned_on >= lent_on),
  CHECK ((status = 'returned') = (returned_on IS NOT NULL))
);
