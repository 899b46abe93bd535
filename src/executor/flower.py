import hmac, os, re, sys, types
from flower import urls, views
from flower.api import tasks
from flower.options import options
from kombu.serialization import registry
from kombu.utils.encoding import bytes_to_str
from kombu.utils.json import dumps, loads

password = os.environ['AIRFLOW_FLOWER_PASSWORD']
if not password:
    sys.exit('the password of Flower is empty: give its secret a value')
options.basic_auth = [f"{os.environ['AIRFLOW_FLOWER_USERNAME']}:{password}"]
views.hmac = types.SimpleNamespace(compare_digest=lambda left, right: hmac.compare_digest(left.encode(), right.encode()))

token = re.compile(r'eyJ[\w-]+(\.[\w-]*)*')
registry.register('json', dumps, lambda body: loads(token.sub('***', bytes_to_str(body))), content_type='application/json', content_encoding='utf-8')

sending = {tasks.TaskApply, tasks.TaskAsyncApply, tasks.TaskSend}
urls.handlers[:] = [handler for handler in urls.handlers if not (isinstance(handler, tuple) and sending.intersection(handler[1:2]))]

sys.argv = ['airflow', 'celery', 'flower']
from airflow.__main__ import main
main()
