"""xframe: the cross-domain frame, a page for web applications (`http/frame.py`).

Source: xframe_ref.md, CrossDomainCommunication.md.
"""

PATH = "/Autodiscover/XFrame/XFrame.html"
