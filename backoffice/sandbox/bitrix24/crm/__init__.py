"""The portal's CRM: one store, shown by two façades (old `crm.contact.*` methods and universal `crm.item.*`)."""
