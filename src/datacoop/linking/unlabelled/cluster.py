"""Spark, on a cluster or in a process of its own: where Splink computes what one machine is too small for."""

from __future__ import annotations

import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Final

from datacoop.linking.unlabelled.estimating import MissingEngineError

#: Spark 4 runs on Java 17 or newer.
_JAVA: Final = "Java 17 is missing: make install-system, or JAVA_HOME where it lies elsewhere."
#: Where one machine does it all, tables in more parts than it has cores only take time.
_PARTS: Final = "2"
_HERE: Final = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": _PARTS,
    "spark.default.parallelism": _PARTS,
}


class Cluster:
    """A session on a Spark master: `local[2]`, `spark://host:7077`, `yarn`… Closed at the end of a `with`."""

    def __init__(self, master: str) -> None:
        """Start the session: half a minute. Raises: MissingEngineError, where Spark or Java is not installed."""
        home = os.environ.get("JAVA_HOME")
        if not (shutil.which("java") or (home and (Path(home) / "bin" / "java").exists())):
            raise MissingEngineError(_JAVA)
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415 -- an optional extra, and slow to load
            from splink.backends.spark import similarity_jar_location  # noqa: PLC0415
        except ImportError as error:
            raise MissingEngineError("Spark is not installed: pip install 'datacoop[spark]'.") from error
        logging.getLogger("py4j").setLevel(logging.ERROR)
        self._folder = TemporaryDirectory(prefix="datacoop-spark-")
        settings = {
            "spark.jars": similarity_jar_location(),
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.warehouse.dir": f"{self._folder.name}/warehouse",
            "spark.local.dir": self._folder.name,
            **(_HERE if master.startswith("local") else {}),
        }
        builder: Any = SparkSession.builder.master(master).appName("datacoop")
        for name, value in settings.items():
            builder = builder.config(name, value)
        self._session = builder.getOrCreate()
        self._session.sparkContext.setLogLevel("ERROR")

    def __enter__(self) -> Cluster:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the session and remove what it wrote here."""
        self._session.stop()
        with suppress(OSError):
            self._folder.cleanup()

    def api(self) -> Any:
        """Return Splink's access to the session."""
        from splink import SparkAPI  # noqa: PLC0415

        return SparkAPI(spark_session=self._session, break_lineage_method="persist")  # type: ignore[no-untyped-call]
