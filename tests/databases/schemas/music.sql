-- A music store, after the public documentation of the Chinook database (https://github.com/lerocha/chinook-database).
CREATE TABLE "Artist" (
  "ArtistId" :id,
  "Name" varchar(120),
  PRIMARY KEY ("ArtistId")
);
CREATE TABLE "Album" (
  "AlbumId" :id,
  "Title" varchar(160) NOT NULL,
  "ArtistId" integer NOT NULL,
  PRIMARY KEY ("AlbumId"),
  FOREIGN KEY ("ArtistId") REFERENCES "Artist" ("ArtistId")
);
CREATE TABLE "Genre" ("GenreId" :id, "Name" varchar(120) UNIQUE, PRIMARY KEY ("GenreId"));
CREATE TABLE "MediaType" ("MediaTypeId" :id, "Name" varchar(120), PRIMARY KEY ("MediaTypeId"));
CREATE TABLE "Playlist" ("PlaylistId" :id, "Name" varchar(120), PRIMARY KEY ("PlaylistId"));
CREATE TABLE "Employee" (
  "EmployeeId" :id,
  "LastName" varchar(20) NOT NULL,
  "FirstName" varchar(20) NOT NULL,
  "Title" varchar(30),
  "ReportsTo" integer,
  "BirthDate" :timestamp,
  "HireDate" :timestamp NOT NULL,
  "Address" varchar(70),
  "City" varchar(40),
  "State" varchar(40),
  "Country" varchar(40),
  "PostalCode" varchar(10),
  "Phone" varchar(24),
  "Email" varchar(60),
  PRIMARY KEY ("EmployeeId"),
  FOREIGN KEY ("ReportsTo") REFERENCES "Employee" ("EmployeeId"),
  CONSTRAINT "born before hired" CHECK ("BirthDate" IS NULL OR "BirthDate" < "HireDate")
);
CREATE TABLE "Customer" (
  "CustomerId" :id,
  "FirstName" varchar(40) NOT NULL,
  "LastName" varchar(20) NOT NULL,
  "Company" varchar(80),
  "Address" varchar(70),
  "City" varchar(40),
  "Country" varchar(40),
  "PostalCode" varchar(10),
  "Phone" varchar(24),
  "Email" varchar(60) NOT NULL,
  "SupportRepId" integer,
  PRIMARY KEY ("CustomerId"),
  UNIQUE ("Email"),
  FOREIGN KEY ("SupportRepId") REFERENCES "Employee" ("EmployeeId")
);
CREATE TABLE "Track" (
  "TrackId" :id,
  "Name" varchar(200) NOT NULL,
  "AlbumId" integer,
  "MediaTypeId" integer NOT NULL,
  "GenreId" integer,
  "Composer" varchar(220),
  "Milliseconds" integer NOT NULL CHECK ("Milliseconds" BETWEEN 1000 AND 6000000),
  "Bytes" integer CHECK ("Bytes" > 0),
  "UnitPrice" numeric(10,2) NOT NULL CHECK ("UnitPrice" IN (0.99, 1.29, 1.99)),
  PRIMARY KEY ("TrackId"),
  FOREIGN KEY ("AlbumId") REFERENCES "Album" ("AlbumId"),
  FOREIGN KEY ("MediaTypeId") REFERENCES "MediaType" ("MediaTypeId"),
  FOREIGN KEY ("GenreId") REFERENCES "Genre" ("GenreId")
);
CREATE TABLE "PlaylistTrack" (
  "PlaylistId" integer NOT NULL,
  "TrackId" integer NOT NULL,
  PRIMARY KEY ("PlaylistId", "TrackId"),
  FOREIGN KEY ("PlaylistId") REFERENCES "Playlist" ("PlaylistId"),
  FOREIGN KEY ("TrackId") REFERENCES "Track" ("TrackId")
);
CREATE TABLE "Invoice" (
  "InvoiceId" :id,
  "CustomerId" integer NOT NULL,
  "InvoiceDate" :timestamp NOT NULL,
  "BillingCity" varchar(40),
  "BillingCountry" varchar(40),
  "Total" numeric(10,2) NOT NULL CHECK ("Total" >= 0),
  PRIMARY KEY ("InvoiceId"),
  FOREIGN KEY ("CustomerId") REFERENCES "Customer" ("CustomerId")
);
CREATE TABLE "InvoiceLine" (
  "InvoiceLineId" :id,
  "InvoiceId" integer NOT NULL,
  "TrackId" integer NOT NULL,
  "UnitPrice" numeric(10,2) NOT NULL,
  "Quantity" integer NOT NULL DEFAULT 1 CHECK ("Quantity" > 0 AND "Quantity" < 100),
  "Amount" numeric(12,2) GENERATED ALWAYS AS ("UnitPrice" * "Quantity") :stored,
  PRIMARY KEY ("InvoiceLineId"),
  FOREIGN KEY ("InvoiceId") REFERENCES "Invoice" ("InvoiceId"),
  FOREIGN KEY ("TrackId") REFERENCES "Track" ("TrackId")
);
