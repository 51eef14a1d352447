# What Harbor Foods plans: one more ECS for the order desk, and the ECS with an NPU that reads shelf photos.
terraform {
  required_providers {
    huaweicloud = {
      source = "huaweicloud/huaweicloud"
    }
  }
}

provider "huaweicloud" {
  region = "cn-north-4"
}

resource "huaweicloud_compute_instance" "orders" {
  name              = "orders-web-2"
  image_id          = "a7523ff0-00a8-5ce5-b370-000ee7045205"
  flavor_id         = "c7n.xlarge.2"
  availability_zone = "cn-north-4a"
  system_disk_size  = 60
  system_disk_type  = "SSD"
  key_pair          = "harbor-ops"
  network {
    uuid = "96110128-30fe-5f92-86ac-dbaf9a8a56ac"
  }
}

resource "huaweicloud_compute_instance" "shelf_camera" {
  name              = "shelf-camera-1"
  image_id          = "a186df85-85ab-5b72-a613-1c6f2c4e2931"
  flavor_id         = "kai1s.3xlarge.2"
  availability_zone = "cn-north-4a"
  system_disk_size  = 40
  system_disk_type  = "SSD"
  key_pair          = "harbor-ops"
  network {
    uuid = "96110128-30fe-5f92-86ac-dbaf9a8a56ac"
  }
}
