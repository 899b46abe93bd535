import functools, os, shutil, sys
from pathlib import Path

def refresh_whatever_is_there(refresh):
    @functools.wraps(refresh)
    def method(self):
        removed = {None}
        while True:
            try:
                return refresh(self)
            except (NotADirectoryError, IsADirectoryError) as error:
                with self.lock():
                    obstacle = remove_obstacle(error)
                if obstacle in removed:  # S3 has both, a folder cannot
                    raise
                removed.add(obstacle)
    return method

def remove_obstacle(error):
    paths = [Path(name) for name in (error.filename, error.filename2) if name]
    if isinstance(error, IsADirectoryError):
        found = next((path for path in paths if path.is_dir()), None)
        found and shutil.rmtree(found)
    else:
        found = next((parent for path in paths for parent in path.parents if parent.is_file()), None)
        found and found.unlink()
    return found

def tell(fetch):
    @functools.wraps(fetch)
    def method(self):
        try:
            fetch(self)
        except Exception as error:
            write_import_error(self, f'No change of these DAG files reaches Airflow: {type(error).__name__}: {error}')
            raise
    return method

def write_import_error(bundle, stacktrace):
    from airflow.models.errors import ParseImportError
    from airflow.sdk import timezone
    from airflow.utils.session import create_session
    with create_session() as session:
        where = {'bundle_name': bundle.name, 'filename': f's3://{bundle.bucket_name}/{bundle.prefix}'}
        session.query(ParseImportError).filter_by(**where).delete()
        session.add(ParseImportError(timestamp=timezone.utcnow(), stacktrace=stacktrace, **where))

if 'S3DagBundle' in os.environ['AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST']:
    from airflow.providers.amazon.aws.bundles.s3 import S3DagBundle
    S3DagBundle.refresh = refresh_whatever_is_there(S3DagBundle.refresh)
    if sys.argv[1] == 'dag-processor':
        S3DagBundle.initialize, S3DagBundle.refresh = tell(S3DagBundle.initialize), tell(S3DagBundle.refresh)
