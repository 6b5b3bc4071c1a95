-- A film rental, after the public documentation of the Sakila database (https://dev.mysql.com/doc/sakila/en/) and of Pagila.
@postgres CREATE TYPE mpaa_rating AS ENUM ('G', 'PG', 'PG-13', 'R', 'NC-17');
@postgres CREATE DOMAIN release_year AS integer CHECK (VALUE >= 1901 AND VALUE <= 2155);
@duckdb CREATE TYPE mpaa_rating AS ENUM ('G', 'PG', 'PG-13', 'R', 'NC-17');
CREATE TABLE country (country_id :id, country varchar(50) NOT NULL, last_update :timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (country_id));
CREATE TABLE city (
  city_id :id, city varchar(50) NOT NULL, country_id integer NOT NULL,
  PRIMARY KEY (city_id), FOREIGN KEY (country_id) REFERENCES country (country_id)
);
CREATE TABLE address (
  address_id :id, address varchar(50) NOT NULL, address2 varchar(50), district varchar(20) NOT NULL, city_id integer NOT NULL,
  postal_code varchar(10), phone varchar(20) NOT NULL,
  PRIMARY KEY (address_id), FOREIGN KEY (city_id) REFERENCES city (city_id)
);
CREATE TABLE language (language_id :id, name char(20) NOT NULL, PRIMARY KEY (language_id));
CREATE TABLE category (category_id :id, name varchar(25) NOT NULL UNIQUE, PRIMARY KEY (category_id));
CREATE TABLE actor (actor_id :id, first_name varchar(45) NOT NULL, last_name varchar(45) NOT NULL, PRIMARY KEY (actor_id));
CREATE TABLE film (
  film_id :id,
  title varchar(255) NOT NULL,
  description text,
@postgres   release_year release_year,
@mysql   release_year year,
@sqlite,duckdb   release_year integer CHECK (release_year BETWEEN 1901 AND 2155),
  language_id integer NOT NULL,
  original_language_id integer,
  rental_duration smallint NOT NULL DEFAULT 3,
  rental_rate numeric(4,2) NOT NULL DEFAULT 4.99,
  length smallint CHECK (length IS NULL OR length > 0),
  replacement_cost numeric(5,2) NOT NULL DEFAULT 19.99,
@postgres,duckdb   rating mpaa_rating DEFAULT 'G',
@mysql   rating enum('G','PG','PG-13','R','NC-17') DEFAULT 'G',
@sqlite   rating varchar(5) DEFAULT 'G' CHECK (rating IN ('G','PG','PG-13','R','NC-17')),
@postgres   special_features text[],
@duckdb   special_features varchar[],
@mysql   special_features set('Trailers','Commentaries','Deleted Scenes') NOT NULL,
@sqlite   special_features text,
  PRIMARY KEY (film_id),
  CHECK (rental_rate <= replacement_cost),
  CHECK (original_language_id IS NULL OR original_language_id <> language_id),
  FOREIGN KEY (language_id) REFERENCES language (language_id),
  FOREIGN KEY (original_language_id) REFERENCES language (language_id)
);
CREATE TABLE film_actor (
  actor_id integer NOT NULL, film_id integer NOT NULL, last_update :timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (actor_id, film_id),
  FOREIGN KEY (actor_id) REFERENCES actor (actor_id), FOREIGN KEY (film_id) REFERENCES film (film_id)
);
CREATE TABLE film_category (
  film_id integer NOT NULL, category_id integer NOT NULL,
  PRIMARY KEY (film_id, category_id),
  FOREIGN KEY (film_id) REFERENCES film (film_id), FOREIGN KEY (category_id) REFERENCES category (category_id)
);
CREATE TABLE store (
  store_id :id, manager_staff_id integer NOT NULL, address_id integer NOT NULL,
  PRIMARY KEY (store_id), UNIQUE (manager_staff_id),
@sqlite   FOREIGN KEY (manager_staff_id) REFERENCES staff (staff_id),
  FOREIGN KEY (address_id) REFERENCES address (address_id)
);
CREATE TABLE staff (
  staff_id :id, first_name varchar(45) NOT NULL, last_name varchar(45) NOT NULL, address_id integer NOT NULL, picture :blob,
  email varchar(50), store_id integer NOT NULL, active boolean NOT NULL DEFAULT true, username varchar(16) NOT NULL, password varchar(40),
  PRIMARY KEY (staff_id),
  FOREIGN KEY (address_id) REFERENCES address (address_id), FOREIGN KEY (store_id) REFERENCES store (store_id)
);
@postgres,mysql ALTER TABLE store ADD CONSTRAINT store_manager FOREIGN KEY (manager_staff_id) REFERENCES staff (staff_id);
CREATE TABLE customer (
  customer_id :id, store_id integer NOT NULL, first_name varchar(45) NOT NULL, last_name varchar(45) NOT NULL, email varchar(50),
  address_id integer NOT NULL, active boolean NOT NULL DEFAULT true, create_date date NOT NULL,
  PRIMARY KEY (customer_id),
  FOREIGN KEY (store_id) REFERENCES store (store_id), FOREIGN KEY (address_id) REFERENCES address (address_id)
);
CREATE TABLE inventory (
  inventory_id :id, film_id integer NOT NULL, store_id integer NOT NULL,
  PRIMARY KEY (inventory_id),
  FOREIGN KEY (film_id) REFERENCES film (film_id), FOREIGN KEY (store_id) REFERENCES store (store_id)
);
CREATE TABLE rental (
  rental_id :id, rental_date :timestamp NOT NULL, inventory_id integer NOT NULL, customer_id integer NOT NULL, return_date :timestamp,
  staff_id integer NOT NULL,
  PRIMARY KEY (rental_id),
  UNIQUE (rental_date, inventory_id, customer_id),
  CHECK (return_date >= rental_date),
  FOREIGN KEY (inventory_id) REFERENCES inventory (inventory_id),
  FOREIGN KEY (customer_id) REFERENCES customer (customer_id), FOREIGN KEY (staff_id) REFERENCES staff (staff_id)
);
CREATE TABLE payment (
  payment_id :id, customer_id integer NOT NULL, staff_id integer NOT NULL, rental_id integer, amount numeric(5,2) NOT NULL CHECK (amount >= 0),
  payment_date :timestamp NOT NULL,
  PRIMARY KEY (payment_id),
  FOREIGN KEY (customer_id) REFERENCES customer (customer_id), FOREIGN KEY (staff_id) REFERENCES staff (staff_id),
  FOREIGN KEY (rental_id) REFERENCES rental (rental_id)
);
