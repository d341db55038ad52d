// The shop's tables. Made by whoever starts the database.
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS members (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000) PRIMARY KEY,
  provider text NOT NULL,
  subject text NOT NULL,
  display_name varchar(16) NOT NULL,
  email text,
  last_login timestamptz NOT NULL DEFAULT now(),
  UNIQUE (provider, subject)
);
CREATE TABLE IF NOT EXISTS orders (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 70000) PRIMARY KEY,
  member_id bigint NOT NULL,
  item text NOT NULL,
  quantity int NOT NULL,
  amount int NOT NULL,
  paid boolean NOT NULL DEFAULT false,
  mails_sent int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS payments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL,
  amount int NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue text NOT NULL,
  headers jsonb NOT NULL,
  body jsonb NOT NULL,
  deliveries int NOT NULL DEFAULT 0,
  visible_at timestamptz NOT NULL DEFAULT now()
);
`;
