package dev.milepost.server.access;

/** Which jobs a role gives access to; each value includes the one before it. */
public enum Reach {
  /** Nothing. */
  NONE,
  /** The caller's own jobs. */
  OWN,
  /** All jobs of the caller's tenant. */
  TENANT,
  /** The jobs of all tenants. */
  ALL
}
