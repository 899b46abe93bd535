import contextlib
from pathlib import Path
from airflow.providers.amazon.aws.log.s3_task_handler import S3RemoteLogIO

upload_and_empty = S3RemoteLogIO.upload

def upload_and_delete(self, path, ti=None):
    wanted, self.delete_local_copy = self.delete_local_copy, False
    try:
        upload_and_empty(self, path, ti)
    finally:
        self.delete_local_copy = wanted
    uploaded = Path(self.base_log_folder, path)
    if wanted and uploaded.is_file() and uploaded.stat().st_size == 0:
        uploaded.unlink()
        with contextlib.suppress(OSError):
            uploaded.parent.rmdir()

S3RemoteLogIO.upload = upload_and_delete
