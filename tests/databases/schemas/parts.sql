-- Orders and parts of an ERP: the tables of the TPC-H specification (https://www.tpc.org/tpch/), with keys and constraints written out,
-- and what such systems have beside them: bills of material, warehouses, stock.
CREATE TABLE region (r_regionkey integer NOT NULL, r_name char(25) NOT NULL, r_comment varchar(152), PRIMARY KEY (r_regionkey));
CREATE TABLE nation (
  n_nationkey integer NOT NULL, n_name char(25) NOT NULL, n_regionkey integer NOT NULL, n_comment varchar(152),
  PRIMARY KEY (n_nationkey), FOREIGN KEY (n_regionkey) REFERENCES region (r_regionkey)
);
CREATE TABLE part (
  p_partkey integer NOT NULL, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL, p_brand char(10) NOT NULL, p_type varchar(25) NOT NULL,
  p_size integer NOT NULL CHECK (p_size >= 1 AND p_size <= 50), p_container char(10) NOT NULL,
  p_retailprice numeric(15,2) NOT NULL CHECK (p_retailprice > 0), p_comment varchar(23) NOT NULL,
@postgres   p_code varchar(12) NOT NULL CHECK (p_code ~ '^[A-Z]{2}-[0-9]{4,6}$'),
@mysql   p_code varchar(12) NOT NULL CHECK (p_code REGEXP '^[A-Z]{2}-[0-9]{4,6}$'),
@sqlite   p_code varchar(12) NOT NULL CHECK (p_code GLOB '[A-Z][A-Z]-[0-9][0-9][0-9][0-9]'),
@duckdb   p_code varchar(12) NOT NULL CHECK (regexp_full_match(p_code, '[A-Z]{2}-[0-9]{4,6}')),
  PRIMARY KEY (p_partkey)
);
CREATE TABLE supplier (
  s_suppkey integer NOT NULL, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL, s_nationkey integer NOT NULL, s_phone char(15) NOT NULL,
  s_acctbal numeric(15,2) NOT NULL, s_comment varchar(101) NOT NULL,
  PRIMARY KEY (s_suppkey), FOREIGN KEY (s_nationkey) REFERENCES nation (n_nationkey)
);
CREATE TABLE partsupp (
  ps_partkey integer NOT NULL, ps_suppkey integer NOT NULL, ps_availqty integer NOT NULL CHECK (ps_availqty >= 0),
  ps_supplycost numeric(15,2) NOT NULL CHECK (ps_supplycost BETWEEN 1 AND 1000), ps_comment varchar(199) NOT NULL,
  PRIMARY KEY (ps_partkey, ps_suppkey),
  FOREIGN KEY (ps_partkey) REFERENCES part (p_partkey), FOREIGN KEY (ps_suppkey) REFERENCES supplier (s_suppkey)
);
CREATE TABLE customer (
  c_custkey integer NOT NULL, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL, c_nationkey integer NOT NULL, c_phone char(15) NOT NULL,
  c_acctbal numeric(15,2) NOT NULL,
  c_mktsegment char(10) NOT NULL CHECK (c_mktsegment IN ('AUTOMOBILE', 'BUILDING', 'FURNITURE', 'MACHINERY', 'HOUSEHOLD')),
  c_comment varchar(117) NOT NULL,
  PRIMARY KEY (c_custkey), FOREIGN KEY (c_nationkey) REFERENCES nation (n_nationkey)
);
CREATE TABLE orders (
  o_orderkey bigint NOT NULL, o_custkey integer NOT NULL, o_orderstatus char(1) NOT NULL CHECK (o_orderstatus IN ('O', 'F', 'P')),
  o_totalprice numeric(15,2) NOT NULL CHECK (o_totalprice >= 0), o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL, o_clerk char(15) NOT NULL,
  o_shippriority integer NOT NULL, o_comment varchar(79) NOT NULL, o_closed date,
  PRIMARY KEY (o_orderkey),
  CONSTRAINT closed_when_filled CHECK (o_orderstatus <> 'F' OR o_closed IS NOT NULL),
  FOREIGN KEY (o_custkey) REFERENCES customer (c_custkey)
);
CREATE TABLE lineitem (
  l_orderkey bigint NOT NULL, l_partkey integer NOT NULL, l_suppkey integer NOT NULL, l_linenumber integer NOT NULL,
  l_quantity numeric(15,2) NOT NULL CHECK (l_quantity >= 1 AND l_quantity <= 50), l_extendedprice numeric(15,2) NOT NULL,
  l_discount numeric(15,2) NOT NULL CHECK (l_discount BETWEEN 0.00 AND 0.10), l_tax numeric(15,2) NOT NULL CHECK (l_tax BETWEEN 0.00 AND 0.08),
  l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL,
  l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL,
  PRIMARY KEY (l_orderkey, l_linenumber),
  CHECK (l_shipdate <= l_receiptdate),
  FOREIGN KEY (l_orderkey) REFERENCES orders (o_orderkey),
  FOREIGN KEY (l_partkey, l_suppkey) REFERENCES partsupp (ps_partkey, ps_suppkey)
);
CREATE TABLE bill_of_material (
  assembly_id integer NOT NULL, component_id integer NOT NULL, quantity numeric(8,2) NOT NULL CHECK (quantity > 0),
  valid_from date NOT NULL, valid_to date,
  PRIMARY KEY (assembly_id, component_id, valid_from),
  CHECK (valid_to IS NULL OR valid_to > valid_from),
  FOREIGN KEY (assembly_id) REFERENCES part (p_partkey), FOREIGN KEY (component_id) REFERENCES part (p_partkey)
);
CREATE TABLE warehouse (code char(3) NOT NULL, name varchar(40) NOT NULL, parent_code char(3), PRIMARY KEY (code), FOREIGN KEY (parent_code) REFERENCES warehouse (code));
CREATE TABLE stock (
  warehouse_code char(3) NOT NULL, part_id integer NOT NULL, bin varchar(8) NOT NULL, on_hand integer NOT NULL, reserved integer NOT NULL,
  PRIMARY KEY (warehouse_code, part_id, bin),
  CHECK (reserved <= on_hand AND reserved >= 0),
  FOREIGN KEY (warehouse_code) REFERENCES warehouse (code), FOREIGN KEY (part_id) REFERENCES part (p_partkey)
);
