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

locals {
  old  = "0e2f1c1a-6a3b-4c55-9b55-0d5a1f2e3c01"
  new  = "0e2f1c1a-6a3b-4c55-9b55-0d5a1f2e3c02"
  here = "cn-north-4a"
}

resource "huaweicloud_compute_instance" "os" {
  name              = "os"
  image_id          = local.new
  flavor_id         = "c7n.large.2"
  availability_zone = local.here
}

resource "huaweicloud_compute_instance" "size" {
  name              = "size"
  image_id          = local.old
  flavor_id         = "c7n.2xlarge.2"
  availability_zone = local.here
}

resource "huaweicloud_compute_instance" "both" {
  name              = "both"
  image_id          = local.new
  flavor_id         = "c7n.2xlarge.2"
  availability_zone = local.here
}

resource "huaweicloud_compute_instance" "moved" {
  name              = "moved"
  image_id          = local.old
  flavor_id         = "c7n.large.2"
  availability_zone = "cn-north-4b"
}

resource "huaweicloud_compute_instance" "same" {
  name              = "same"
  image_id          = local.old
  flavor_id         = "c7n.large.2"
  availability_zone = local.here
}

resource "huaweicloud_compute_instance" "renamed" {
  name              = "renamed-now"
  image_id          = local.old
  flavor_id         = "c7n.large.2"
  availability_zone = local.here
}

import {
  to = huaweicloud_compute_instance.taken_over
  id = "imported"
}

resource "huaweicloud_compute_instance" "taken_over" {
  name      = "taken-over"
  image_id  = local.old
  flavor_id = "c7n.large.2"
}
