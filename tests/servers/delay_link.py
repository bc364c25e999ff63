"""A slow network link: two TUN devices, and every packet that goes into one comes out of the other after a delay.
Arguments: the devices' names and the delay in milliseconds, each way. Prints "ready" once both are there; the devices,
which may be moved into network namespaces, go with this process."""
import asyncio
import fcntl
import os
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000


def open_device(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def deliver(device, packet):
    try:
        os.write(device, packet)
    except OSError:
        pass  # the device is down: a lost packet


async def main():
    near, far = open_device(sys.argv[1]), open_device(sys.argv[2])
    delay = int(sys.argv[3]) / 1000
    loop = asyncio.get_running_loop()
    for source, target in ((near, far), (far, near)):
        def forward(source=source, target=target):
            try:
                packet = os.read(source, 65536)
            except OSError:
                return
            loop.call_later(delay, deliver, target, packet)
        loop.add_reader(source, forward)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
