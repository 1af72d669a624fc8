from chassis import migrations

migrations.run_env()
