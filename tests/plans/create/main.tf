terraform {
  required_providers {
    huaweicloud = {
      source = "huaweicloud/huaweicloud"
    }
    openstack = {
      source = "terraform-provider-openstack/openstack"
    }
  }
}

variable "region" {
  default = "cn-north-4"
}

variable "password" {
  default   = "Never-1-printed"
  sensitive = true
}

provider "huaweicloud" {
  region = var.region
}

provider "openstack" {
  region = "eu-de"
}

data "huaweicloud_images_image" "web" {
  name = "web-linux"
}

resource "huaweicloud_compute_instance" "web" {
  count             = 2
  name              = "web-${count.index}"
  image_id          = data.huaweicloud_images_image.web.id
  flavor_id         = "c7n.large.2"
  availability_zone = "cn-north-4a"
  system_disk_size  = 40
  admin_pass        = var.password
  network {
    uuid = "0d9f7a52-6c77-4f5b-8f0e-6b9d0c1e2f33"
  }
}

resource "huaweicloud_images_image" "golden" {
  name        = "golden"
  instance_id = "9d1c7f0e-41aa-4a0f-9a8e-5b5a3f0c1d22"
}

resource "huaweicloud_compute_instance" "from_golden" {
  name      = "from-golden"
  image_id  = huaweicloud_images_image.golden.id
  flavor_id = "kc1.large.2"
  key_pair  = "ops"
  network {
    uuid = "0d9f7a52-6c77-4f5b-8f0e-6b9d0c1e2f33"
  }
}

module "node" {
  for_each = toset(["a", "b"])
  source   = "./node"
  image_id = data.huaweicloud_images_image.web.id
  zone     = "cn-north-4${each.key}"
}

resource "huaweicloud_as_configuration" "burst" {
  scaling_configuration_name = "burst"
  instance_config {
    image    = data.huaweicloud_images_image.web.id
    flavor   = "c7n.xlarge.2"
    key_name = "ops"
    disk {
      size        = 20
      volume_type = "SSD"
      disk_type   = "SYS"
    }
  }
}

resource "huaweicloud_cce_node_pool" "plain" {
  cluster_id         = "c1"
  name               = "plain"
  initial_node_count = 1
  flavor_id          = "c7n.xlarge.2"
  availability_zone  = "random"
  os                 = "EulerOS 2.9"
  key_pair           = "ops"
  root_volume {
    size       = 50
    volumetype = "SAS"
  }
}

resource "huaweicloud_cce_node_pool" "own" {
  cluster_id         = "c1"
  name               = "own"
  initial_node_count = 1
  flavor_id          = "c7n.xlarge.2"
  availability_zone  = "random"
  key_pair           = "ops"
  root_volume {
    size       = 50
    volumetype = "SAS"
  }
  extend_params {
    node_image_id = data.huaweicloud_images_image.web.id
  }
}

resource "huaweicloud_images_image_copy" "abroad" {
  source_image_id = data.huaweicloud_images_image.web.id
  name            = "web-abroad"
  target_region   = "ap-southeast-1"
  agency_name     = "ims_admin_agency"
}

resource "huaweicloud_images_image_copy" "beside" {
  source_image_id = data.huaweicloud_images_image.web.id
  name            = "web-beside"
  target_region   = "cn-north-4"
}

resource "huaweicloud_images_image_share" "partner" {
  source_image_id    = data.huaweicloud_images_image.web.id
  target_project_ids = ["aa11bb22cc33dd44ee55ff6677889900", "bb11bb22cc33dd44ee55ff6677889900"]
}

resource "huaweicloud_ims_image_export" "archive" {
  image_id    = data.huaweicloud_images_image.web.id
  bucket_url  = "archive:web.qcow2"
  file_format = "qcow2"
}

resource "huaweicloud_vpc" "net" {
  name = "net"
  cidr = "10.0.0.0/16"
}

resource "openstack_compute_instance_v2" "nova" {
  name        = "nova"
  image_id    = "5f2c7a10-1111-4222-8333-444455556666"
  flavor_name = "s3.large.4"
  key_pair    = "ops"
  network {
    name = "net"
  }
}

resource "openstack_compute_instance_v2" "from_volume" {
  name        = "from-volume"
  flavor_name = "s3.large.4"
  block_device {
    uuid             = "7a7c7a10-1111-4222-8333-444455556666"
    source_type      = "volume"
    destination_type = "volume"
    boot_index       = 0
  }
}
