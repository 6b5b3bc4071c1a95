-- A hospital's data, after the public specification of the OMOP Common Data Model 5.4 (https://ohdsi.github.io/CommonDataModel/), a part of it.
CREATE TABLE vocabulary (
  vocabulary_id varchar(20) NOT NULL, vocabulary_name varchar(255) NOT NULL, vocabulary_concept_id integer :nullable_in_cycles,
  PRIMARY KEY (vocabulary_id)
@sqlite   , FOREIGN KEY (vocabulary_concept_id) REFERENCES concept (concept_id)
);
CREATE TABLE domain (
  domain_id varchar(20) NOT NULL, domain_name varchar(255) NOT NULL, domain_concept_id integer NOT NULL,
  PRIMARY KEY (domain_id)
@sqlite   , FOREIGN KEY (domain_concept_id) REFERENCES concept (concept_id)
);
CREATE TABLE concept (
  concept_id integer NOT NULL, concept_name varchar(255) NOT NULL, domain_id varchar(20) NOT NULL, vocabulary_id varchar(20) NOT NULL,
  standard_concept varchar(1) CHECK (standard_concept IN ('S', 'C')), concept_code varchar(50) NOT NULL,
  valid_start_date date NOT NULL, valid_end_date date NOT NULL, invalid_reason varchar(1),
  PRIMARY KEY (concept_id),
  CHECK (valid_end_date >= valid_start_date),
  CHECK (length(concept_code) >= 3),
  CHECK (invalid_reason IS NULL OR invalid_reason = 'D' OR invalid_reason = 'U'),
  FOREIGN KEY (domain_id) REFERENCES domain (domain_id), FOREIGN KEY (vocabulary_id) REFERENCES vocabulary (vocabulary_id)
);
@postgres ALTER TABLE vocabulary ADD CONSTRAINT fk_vocabulary_concept FOREIGN KEY (vocabulary_concept_id) REFERENCES concept (concept_id) DEFERRABLE;
@mysql ALTER TABLE vocabulary ADD CONSTRAINT fk_vocabulary_concept FOREIGN KEY (vocabulary_concept_id) REFERENCES concept (concept_id);
@postgres,mysql ALTER TABLE domain ADD CONSTRAINT fk_domain_concept FOREIGN KEY (domain_concept_id) REFERENCES concept (concept_id);
CREATE TABLE location (location_id integer NOT NULL, address_1 varchar(50), city varchar(50), state char(2), zip varchar(9), latitude :double, longitude :double, PRIMARY KEY (location_id));
CREATE TABLE care_site (
  care_site_id integer NOT NULL, care_site_name varchar(255), location_id integer,
  PRIMARY KEY (care_site_id), FOREIGN KEY (location_id) REFERENCES location (location_id)
);
CREATE TABLE provider (
  provider_id integer NOT NULL, provider_name varchar(255), npi varchar(20), care_site_id integer, year_of_birth integer, gender_concept_id integer,
  PRIMARY KEY (provider_id),
  FOREIGN KEY (care_site_id) REFERENCES care_site (care_site_id), FOREIGN KEY (gender_concept_id) REFERENCES concept (concept_id)
);
CREATE TABLE person (
  person_id integer NOT NULL, gender_concept_id integer NOT NULL, year_of_birth integer NOT NULL CHECK (year_of_birth >= 1900 AND year_of_birth <= 2026),
  month_of_birth integer CHECK (month_of_birth BETWEEN 1 AND 12), day_of_birth integer CHECK (day_of_birth BETWEEN 1 AND 31),
  birth_datetime :timestamp, race_concept_id integer NOT NULL, location_id integer, provider_id integer, care_site_id integer,
  PRIMARY KEY (person_id),
  FOREIGN KEY (gender_concept_id) REFERENCES concept (concept_id), FOREIGN KEY (race_concept_id) REFERENCES concept (concept_id),
  FOREIGN KEY (location_id) REFERENCES location (location_id), FOREIGN KEY (provider_id) REFERENCES provider (provider_id),
  FOREIGN KEY (care_site_id) REFERENCES care_site (care_site_id)
);
CREATE TABLE observation_period (
  observation_period_id integer NOT NULL, person_id integer NOT NULL, observation_period_start_date date NOT NULL, observation_period_end_date date NOT NULL,
  PRIMARY KEY (observation_period_id), UNIQUE (person_id, observation_period_start_date),
  CHECK (observation_period_start_date <= observation_period_end_date),
  FOREIGN KEY (person_id) REFERENCES person (person_id)
);
CREATE TABLE visit_occurrence (
  visit_occurrence_id integer NOT NULL, person_id integer NOT NULL, visit_concept_id integer NOT NULL, visit_start_date date NOT NULL,
  visit_start_datetime :timestamp, visit_end_date date NOT NULL, provider_id integer, care_site_id integer, preceding_visit_occurrence_id integer,
  PRIMARY KEY (visit_occurrence_id), UNIQUE (person_id, visit_occurrence_id),
  CHECK (visit_end_date >= visit_start_date),
  FOREIGN KEY (person_id) REFERENCES person (person_id), FOREIGN KEY (visit_concept_id) REFERENCES concept (concept_id),
  FOREIGN KEY (provider_id) REFERENCES provider (provider_id), FOREIGN KEY (care_site_id) REFERENCES care_site (care_site_id),
  FOREIGN KEY (preceding_visit_occurrence_id) REFERENCES visit_occurrence (visit_occurrence_id)
);
CREATE TABLE condition_occurrence (
  condition_occurrence_id integer NOT NULL, person_id integer NOT NULL, condition_concept_id integer NOT NULL, condition_start_date date NOT NULL,
  condition_end_date date, stop_reason varchar(20), visit_occurrence_id integer NOT NULL,
  PRIMARY KEY (condition_occurrence_id),
  CHECK (condition_end_date IS NULL OR condition_end_date >= condition_start_date),
  FOREIGN KEY (condition_concept_id) REFERENCES concept (concept_id),
  FOREIGN KEY (person_id, visit_occurrence_id) REFERENCES visit_occurrence (person_id, visit_occurrence_id)
);
CREATE TABLE drug_exposure (
  drug_exposure_id integer NOT NULL, person_id integer NOT NULL, drug_concept_id integer NOT NULL, drug_exposure_start_date date NOT NULL,
  quantity numeric(10,3) CHECK (quantity > 0), days_supply integer CHECK (days_supply BETWEEN 1 AND 365), sig text, lot_number varchar(50),
  PRIMARY KEY (drug_exposure_id),
  FOREIGN KEY (person_id) REFERENCES person (person_id), FOREIGN KEY (drug_concept_id) REFERENCES concept (concept_id)
);
CREATE TABLE death (
  person_id integer NOT NULL, death_date date NOT NULL, cause_concept_id integer,
  PRIMARY KEY (person_id), FOREIGN KEY (person_id) REFERENCES person (person_id), FOREIGN KEY (cause_concept_id) REFERENCES concept (concept_id)
);
