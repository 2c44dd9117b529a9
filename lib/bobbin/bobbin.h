// Everything of the library: producer, consumer and admin. bobbin(3) explains it.
#pragma once

#include "bobbin/admin.h"
#include "bobbin/cluster.h"
#include "bobbin/consumer.h"
#include "bobbin/error.h"
#include "bobbin/producer.h"
#include "bobbin/values.h"
