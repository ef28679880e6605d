"""The labels in the order of the model's outputs (models/taxonomy.yaml lists the same)."""

LABELS = """api.request api.client_error api.server_error auth.failure security.credentials instance.lifecycle instance.failure instance.migration
capacity.allocation capacity.shortage capacity.quota baremetal.provisioning baremetal.failure network.port network.provisioning network.failure storage.lifecycle
storage.operation_failure storage.attachment storage.snapshot_backup storage.replication storage.backend_error image.operation image.cache messaging.connection messaging.rpc
database.error database.migration service.lifecycle service.health service.internal_error configuration.error configuration.deprecation concurrency.conflict
consistency.reconcile host.system dependency.failure orchestration.progress orchestration.failure telemetry.processing other""".split()

INDEX = {label: number for number, label in enumerate(LABELS)}
