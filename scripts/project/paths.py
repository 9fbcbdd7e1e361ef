"""Where things are, relative to the project's root."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOGS = ROOT / "logs"
REQUIREMENTS = ROOT / "requirements.txt"
COMPLETE_JOURNEY_REQUIREMENTS = ROOT / "requirements-complete-journey.txt"
MODELS_REQUIREMENTS = ROOT / "requirements-models.txt"
BENCHMARK_REQUIREMENTS = ROOT / "requirements-benchmark.txt"
POSTGRES_REQUIREMENTS = ROOT / "requirements-postgres.txt"
SPARK_REQUIREMENTS = ROOT / "requirements-spark.txt"
WAREHOUSES_REQUIREMENTS = ROOT / "requirements-warehouses.txt"
