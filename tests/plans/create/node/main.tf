terraform {
  required_providers {
    huaweicloud = {
      source = "huaweicloud/huaweicloud"
    }
  }
}

variable "image_id" {}

variable "zone" {}

resource "huaweicloud_compute_instance" "it" {
  name              = "node-${var.zone}"
  image_id          = var.image_id
  flavor_id         = "p2s.2xlarge.8"
  availability_zone = var.zone
  system_disk_size  = 60
  charging_mode     = "prePaid"
  network {
    uuid = "0d9f7a52-6c77-4f5b-8f0e-6b9d0c1e2f33"
  }
}
