package dev.milepost.server.access;

/** How far a role lets its bearer reach; each reaches what the one before it does. */
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
