"""What a person would script by hand: the upstream's answer, ComfyUI, the page script's list, the plugin's route.
    four_requests.py UPSTREAM CA_FILE COMFYUI, with the key in the environment's KEY"""
import os
import sys

import requests

upstream, trust, comfyui = sys.argv[1:]
header = {"Authorization": "Bearer " + os.environ["KEY"]}
print(requests.get(upstream + "/api/usage/token", headers=header, verify=trust, timeout=15).json()["data"])
for path in ("/system_stats", "/extensions", "/api/banana/token_usage?refresh=1"):
    print(requests.get(comfyui + path, timeout=15).json())
